//! Items from files into the service: what is wrong is told with file and line, what is right is put all the same.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tonic_types::{FieldViolation, StatusExt as _};

use super::table;
use crate::{
    cli::{Outcome, args, connect::ServiceChannel, failure::Failure, json, output},
    proto::{Item, PutItemsRequest, catalogue_service_client::CatalogueServiceClient},
};

/// Items in one request: the most that the service takes.
pub const BATCH: usize = 500;

/// An item, and where it stands.
pub struct Row {
    /// The file.
    pub file: String,
    /// From 1.
    pub line: u64,
    /// The item, or what is wrong with the line.
    pub item: Result<Item, String>,
}

/// The rows of some files.
pub fn read(files: &[PathBuf]) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    for path in files {
        let file = path.display().to_string();
        let bytes = fs::read(path).map_err(|error| Failure::Failed(format!("cannot read {file}: {error}")))?;
        if path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv")) {
            rows.extend(table::read(&file, &bytes)?);
        } else {
            rows.extend(lines(&file, &bytes));
        }
    }
    Ok(rows)
}

fn lines(file: &str, bytes: &[u8]) -> Vec<Row> {
    let kind = json::descriptor("Item");
    let numbered = (1..).zip(bytes.split(|byte| *byte == b'\n'));
    let written = numbered.filter(|(_, line)| !line.iter().all(u8::is_ascii_whitespace));
    let row = |(line, bytes): (u64, &[u8])| {
        let text = std::str::from_utf8(bytes).map_err(|_| "is not UTF-8".to_owned());
        let item = text
            .and_then(|text| json::parse(&kind, text).map_err(|fault| format!("{} {}", fault.field, fault.message)));
        Row { file: file.to_owned(), line, item }
    };
    written.map(row).collect()
}

/// Puts what is right.
pub async fn put(
    channel: ServiceChannel,
    venue_id: String,
    rows: Vec<Row>,
    from_time: Option<prost_types::Timestamp>,
) -> Result<Outcome, Failure> {
    let (mut refused, mut changed, mut put) = (0_u64, 0_i64, 0_usize);
    let mut good: Vec<(String, Item)> = Vec::with_capacity(rows.len());
    for Row { file, line, item } in rows {
        let place = format!("{}:{line}", Path::new(&file).display());
        match item {
            Ok(item) => good.push((place, item)),
            Err(fault) => {
                refused += 1;
                output::tell(&output::tame(&format!("{place}: {fault}")));
            }
        }
    }
    // What others are made of must be there before them.
    good.sort_by_key(|(_, item)| !item.component_ids.is_empty());
    let mut client = CatalogueServiceClient::new(channel);
    for batch in good.chunks(BATCH) {
        let mut batch = batch.to_vec();
        while !batch.is_empty() {
            let items = batch.iter().map(|(_, item)| item.clone()).collect();
            let (venue_id, request_id) = (venue_id.clone(), args::request_id());
            let request = PutItemsRequest { venue_id, items, from_time, request_id, etag: String::new() };
            match client.put_items(request).await {
                Ok(answer) => {
                    changed += i64::from(answer.into_inner().receipt.unwrap_or_default().changed_count);
                    put += batch.len();
                    break;
                }
                Err(status) => refused += take_out(&mut batch, status)?,
            }
        }
    }
    output::print(&format!("put {put} items, {changed} of them new or different; refused {refused}\n"))?;
    Ok(if refused > 0 { Outcome::Partly } else { Outcome::Done })
}

/// Takes out the items that a refusal names, and tells why. Other refusals end the command.
fn take_out(batch: &mut Vec<(String, Item)>, status: tonic::Status) -> Result<u64, Failure> {
    let wrong = wrong_items(&status, batch.len());
    if wrong.is_empty() {
        return Err(status.into());
    }
    for (index, field, message) in &wrong {
        let (place, _) = batch.remove(*index);
        output::tell(&output::tame(&format!("{place}: {field} {message}")));
    }
    Ok(wrong.len() as u64)
}

/// The items of a request that a refusal names, the last first: index, field within the item, and what is wrong.
pub fn wrong_items(status: &tonic::Status, count: usize) -> Vec<(usize, String, String)> {
    let violations = status.get_details_bad_request().map(|bad| bad.field_violations).unwrap_or_default();
    let one = |violation: FieldViolation| {
        let (index, field) = violation.field.strip_prefix("items[")?.split_once(']')?;
        let index = index.parse().ok().filter(|index| *index < count)?;
        Some((index, field.trim_start_matches('.').to_owned(), violation.description))
    };
    let mut wrong: Vec<(usize, String, String)> = violations.into_iter().filter_map(one).collect();
    wrong.sort_by_key(|(index, ..)| std::cmp::Reverse(*index));
    wrong.dedup_by_key(|(index, ..)| *index);
    wrong
}
