# The program and the C library it links, and nothing else: no shell, no package manager, no users.
# One base, pinned; raise it together with Cargo.toml's rust-version, and build again for the C library's mends.

FROM rust:1.95.0-slim-bookworm AS build
WORKDIR /build
# The image brings gcc, which is all that the C and assembly of aws-lc and mimalloc ask for.
COPY Cargo.toml Cargo.lock build.rs ./
COPY proto proto
COPY src src
# The demo's policy is the one of this example.
COPY examples/hotel examples/hotel
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN cargo build --locked --profile dist --bin rapport \
    && install -D target/dist/rapport /out/usr/local/bin/rapport \
    && ldd target/dist/rapport | grep -o '/[^ ]*' | xargs cp --parents --dereference --target-directory=/out \
    && install -d -m 0700 /out/var/lib/rapport /out/var/lib/rapport/data /out/var/lib/rapport/keys

FROM scratch
COPY --from=build /out /
# A new volume takes its owner from here.
COPY --from=build --chown=65532:65532 /out/var/lib/rapport /var/lib/rapport
USER 65532:65532
WORKDIR /var/lib/rapport
# Apart, so that no backup holds both.
VOLUME ["/var/lib/rapport/data", "/var/lib/rapport/keys"]
ENV RAPPORT_STORE=redb:/var/lib/rapport/data RAPPORT_KEYS=file:/var/lib/rapport/keys
EXPOSE 50051 50052
# Beyond the container it also needs RAPPORT_LISTEN=0.0.0.0:50051 and RAPPORT_INSECURE=true: said by whoever runs it.
ENTRYPOINT ["/usr/local/bin/rapport"]
CMD ["serve"]
