//! Generates code from the proto files, with a compiler written in Rust: no protoc is needed.

use std::{collections::BTreeMap, env, error::Error, fs, path::PathBuf};

use protox::prost_reflect::prost_types::FileDescriptorSet;

const ROOT: &str = "proto";
const CONTRACT: &str = "proto/rapport/v1";
const PACKAGE: &str = "rapport.v1";
const STORED: &str = "proto/rapport/store/v1";

fn protos(folder: &str) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    println!("cargo:rerun-if-changed={folder}");
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "proto") {
            println!("cargo:rerun-if-changed={}", path.display());
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Messages hold personal data: what a log could catch of one is its name.
fn redacted(name: &str) -> String {
    format!(
        "impl std::fmt::Debug for {name} {{\n    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result \
         {{\n        out.write_str(\"{name} {{ .. }}\")\n    }}\n}}\n"
    )
}

/// Says of each request and response whether a stream carries it.
fn streamed(descriptors: &FileDescriptorSet) -> String {
    let methods = descriptors.file.iter().flat_map(|file| &file.service).flat_map(|service| &service.method);
    let messages: BTreeMap<&str, bool> = methods
        .flat_map(|method| {
            let (asks, answers) = (method.client_streaming(), method.server_streaming());
            [(method.input_type(), asks), (method.output_type(), answers)]
        })
        .collect();
    let of = |(name, streamed)| {
        let name = name_in(PACKAGE, name);
        format!("impl Streamed for {name} {{\n    const STREAMED: bool = {streamed};\n}}\n")
    };
    messages.into_iter().map(of).collect()
}

/// A message's own name; every request and response stands in the package.
fn name_in<'a>(package: &str, full: &'a str) -> &'a str {
    let own = full.strip_prefix('.').and_then(|full| full.strip_prefix(package)).and_then(|own| own.strip_prefix('.'));
    own.unwrap_or(full)
}

fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);

    // The encoded form keeps the options and comments that the reflection service shows.
    let mut compiler = protox::Compiler::new([ROOT])?;
    compiler.include_source_info(true).include_imports(true);
    compiler.open_files(protos(CONTRACT)?)?;
    fs::write(out.join("contract.bin"), compiler.encode_file_descriptor_set())?;
    let descriptors = compiler.file_descriptor_set();
    let messages = descriptors
        .file
        .iter()
        .filter(|file| file.package() == PACKAGE)
        .flat_map(|file| file.message_type.iter().map(|message| message.name().to_owned()));
    fs::write(out.join("redacted.rs"), messages.map(|name| redacted(&name)).collect::<String>())?;
    fs::write(out.join("streamed.rs"), streamed(&descriptors))?;
    tonic_prost_build::configure()
        .codec_path("crate::proto::OneCodec")
        .bytes(".rapport.v1.EchoRequest")
        .bytes(".rapport.v1.EchoResponse")
        // Written by hand, so that an answer that was written before can be sent as it is.
        .extern_path(".rapport.v1.GetBriefingResponse", "crate::proto::GetBriefingResponse")
        .skip_debug([format!(".{PACKAGE}")])
        .compile_fds(descriptors)?;

    let mut compiler = protox::Compiler::new([ROOT])?;
    compiler.open_files(protos(STORED)?)?;
    // Exports are written as proto3-JSON.
    fs::write(out.join("stored.bin"), compiler.encode_file_descriptor_set())?;
    tonic_prost_build::configure()
        .build_client(false)
        .build_server(false)
        .compile_fds(compiler.file_descriptor_set())?;
    Ok(())
}
