# syntax=docker/dockerfile:1
# The program alone, on a base that has the C library it links and nothing else: no shell, no package manager.
# Versions are pinned; raise them together with Cargo.toml's rust-version.

FROM rust:1.95.0-slim-bookworm AS build
WORKDIR /build
# The image brings gcc, which is all that the C and assembly of aws-lc and mimalloc ask for.
COPY Cargo.toml Cargo.lock build.rs ./
COPY proto proto
COPY src src
RUN cargo build --locked --profile dist --bin rapport \
    && install -D target/dist/rapport /out/usr/local/bin/rapport \
    && install -d -m 0700 -o 65532 -g 65532 /out/var/lib/rapport

FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /out /
USER 65532:65532
WORKDIR /var/lib/rapport
VOLUME ["/var/lib/rapport"]
EXPOSE 50051 50052
# Beyond the container it also needs RAPPORT_LISTEN=0.0.0.0:50051 and RAPPORT_INSECURE=true: said by whoever runs it.
ENTRYPOINT ["/usr/local/bin/rapport"]
CMD ["serve"]
