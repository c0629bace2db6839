//! Generates code from the proto files, with a compiler written in Rust: no protoc is needed.

use std::{collections::BTreeMap, env, error::Error, fs, path::PathBuf};

use protox::prost_reflect::{DescriptorPool, FieldDescriptor, Kind, MessageDescriptor};

const ROOT: &str = "proto";
const CONTRACT: &str = "proto/rapport/v1";
const PACKAGE: &str = "rapport.v1";
/// Answers that servers send as encoded bytes.
const ENCODED: [&str; 3] = ["GetBriefingResponse", "LookupBriefingsResponse", "CheckItemsResponse"];
/// Messages that servers write field by field, by the fields' numbers.
const WRITTEN: [&str; 4] = ["Briefing", "CheckItemsResponse", "Statement", "Parameter"];
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

/// A `Debug` that prints only the message's name: messages hold personal data, which must not get into logs.
fn redacted(name: &str) -> String {
    format!(
        "impl std::fmt::Debug for {name} {{\n    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result \
         {{\n        out.write_str(\"{name} {{ .. }}\")\n    }}\n}}\n"
    )
}

/// Says of each request and response whether a stream carries it, and of requests which fields are lists.
fn messages(pool: &DescriptorPool) -> Result<String, Box<dyn Error>> {
    let mut carried = BTreeMap::new();
    for method in pool.services().flat_map(|service| service.methods().collect::<Vec<_>>()) {
        carried.insert(method.input().name().to_owned(), (method.is_client_streaming(), Some(method.input())));
        carried.insert(method.output().name().to_owned(), (method.is_server_streaming(), None));
    }
    let mut tables = BTreeMap::new();
    let mut traits = String::new();
    for (name, (streamed, request)) in carried {
        let lists = match request {
            Some(message) => lists_of(&message, &mut tables, &mut Vec::new())?,
            None => None,
        };
        let lists = lists.map_or("None".to_owned(), |table| format!("Some(&{table})"));
        traits += &format!(
            "impl Streamed for {name} {{\n    const STREAMED: bool = {streamed};\n    const LISTS: \
             Option<&'static lists::Lists> = {lists};\n}}\n"
        );
    }
    Ok(tables.into_values().flatten().chain([traits]).collect())
}

/// A module for each message that is written field by field, with a constant for each field's number.
fn numbers(pool: &DescriptorPool) -> Result<String, Box<dyn Error>> {
    let mut modules = String::new();
    for name in WRITTEN {
        let message = pool.get_message_by_name(&format!("{PACKAGE}.{name}"));
        let message = message.ok_or_else(|| format!("the contract has no message {name}"))?;
        let constant = |field: FieldDescriptor| {
            format!("    pub const {}: u32 = {};\n", field.name().to_uppercase(), field.number())
        };
        modules += &format!("pub mod {} {{\n{}}}\n", snake(name), message.fields().map(constant).collect::<String>());
    }
    Ok(modules)
}

/// The names of the services, and a macro that names each one's module and server to another macro.
fn services(pool: &DescriptorPool) -> String {
    let (mut names, mut servers) = (String::new(), String::new());
    for service in pool.services() {
        names += &format!("    \"{}\",\n", service.full_name());
        servers += &format!("            {}_server {}Server,\n", snake(service.name()), service.name());
    }
    format!(
        "/// The full names of the services.\npub const SERVICES: &[&str] = &[\n{names}];\n\n\
         macro_rules! each_service {{\n    ($do:ident) => {{\n        $do! {{\n{servers}        }}\n    }};\n}}\n\
         pub(crate) use each_service;\n"
    )
}

/// `customer_service`, of `CustomerService`.
fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// The table of a message with lists, at any depth; `tables` has each that was written, or that has none;
/// `open` those that contain this one.
fn lists_of(
    message: &MessageDescriptor,
    tables: &mut BTreeMap<String, Option<String>>,
    open: &mut Vec<String>,
) -> Result<Option<String>, Box<dyn Error>> {
    let table = format!("LISTS_{}", message.full_name().replace('.', "_").to_uppercase());
    if let Some(known) = tables.get(&table) {
        return Ok(known.is_some().then_some(table));
    }
    if open.contains(&table) {
        return Err(format!("{} contains itself: its table needs a bound of its own", message.full_name()).into());
    }
    open.push(table.clone());
    let mut fields = String::new();
    for field in message.fields() {
        let inner = match field.kind() {
            Kind::Message(inner) => lists_of(&inner, tables, open)?,
            _ => None,
        };
        if !field.is_list() && inner.is_none() {
            continue;
        }
        let size = if field.is_list() { format!("lists::entry::<{}>()", entry(&field)?) } else { "0".to_owned() };
        let packed = packed(&field.kind()).map_or("None".to_owned(), |how| format!("Some(lists::Packed::{how})"));
        let inner = inner.map_or("None".to_owned(), |table| format!("Some(&{table})"));
        let number = field.number();
        fields += &format!("lists::Field {{ number: {number}, size: {size}, packed: {packed}, lists: {inner} }}, ");
    }
    open.pop();
    let written = (!fields.is_empty()).then(|| format!("static {table}: lists::Lists = lists::Lists(&[{fields}]);\n"));
    let has_lists = written.is_some();
    tables.insert(table.clone(), written);
    Ok(has_lists.then_some(table))
}

/// The Rust type of a list's entries.
fn entry(field: &FieldDescriptor) -> Result<String, Box<dyn Error>> {
    Ok(match field.kind() {
        Kind::Message(message) if message.parent_message().is_some() => {
            return Err(format!("{} is a map or nested: say here what it takes in memory", message.full_name()).into());
        }
        Kind::Message(message) if message.package_name() == PACKAGE => message.name().to_owned(),
        Kind::Message(message) => format!("::prost_types::{}", message.name()),
        Kind::String | Kind::Bytes => "String".to_owned(),
        Kind::Bool => "bool".to_owned(),
        Kind::Double | Kind::Int64 | Kind::Uint64 | Kind::Sint64 | Kind::Fixed64 | Kind::Sfixed64 => "i64".to_owned(),
        Kind::Float | Kind::Int32 | Kind::Uint32 | Kind::Sint32 | Kind::Fixed32 | Kind::Sfixed32 | Kind::Enum(_) => {
            "i32".to_owned()
        }
    })
}

/// How packed numbers stand on the wire.
fn packed(kind: &Kind) -> Option<&'static str> {
    match kind {
        Kind::Message(_) | Kind::String | Kind::Bytes => None,
        Kind::Double | Kind::Fixed64 | Kind::Sfixed64 => Some("EightBytes"),
        Kind::Float | Kind::Fixed32 | Kind::Sfixed32 => Some("FourBytes"),
        _ => Some("Varint"),
    }
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
    let pool = compiler.descriptor_pool();
    fs::write(out.join("messages.rs"), self::messages(&pool)?)?;
    fs::write(out.join("services.rs"), services(&pool))?;
    fs::write(out.join("numbers.rs"), numbers(&pool)?)?;
    tonic_prost_build::configure()
        .codec_path("crate::proto::OneCodec")
        .bytes(".rapport.v1.EchoRequest")
        .bytes(".rapport.v1.EchoResponse")
        .skip_debug([format!(".{PACKAGE}")])
        .build_server(false)
        .compile_fds(descriptors.clone())?;
    // Servers apart from messages and clients, since they answer some calls with what is bytes already.
    let servers = out.join("servers");
    fs::create_dir_all(&servers)?;
    let encoded = |name: &str| (format!(".{PACKAGE}.{name}"), format!("crate::proto::Encoded<crate::proto::{name}>"));
    let servers = tonic_prost_build::configure()
        .codec_path("crate::proto::OneCodec")
        .extern_path(format!(".{PACKAGE}"), "crate::proto")
        .build_client(false)
        .out_dir(servers);
    let servers =
        ENCODED.iter().map(|name| encoded(name)).fold(servers, |all, (name, path)| all.extern_path(name, path));
    servers.compile_fds(descriptors)?;

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
