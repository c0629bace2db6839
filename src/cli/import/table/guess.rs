//! `rapport import --guess`: a mapping to begin with, from the header and the first rows of a file.
//!
//! What would be dangerous when wrong is proposed as a comment, to be confirmed by somebody who knows the column.

use std::{io, path::Path, sync::Arc};

use super::{super::input::Input, Table, cut::Cutter, header, mapping::Mapping};
use crate::{
    cli::{failure::Failure, json, output},
    proto::ImportRecord,
};

/// Rows looked at: enough to meet every shape, read in a moment.
const ROWS: usize = 200;
/// Rows shown.
const SHOWN: usize = 3;
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// What a column may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    FirstName,
    LastName,
    FullName,
    AddressedAs,
    Email,
    Phone,
    Birthday,
    Language,
    Loyalty,
    Guest,
    Diet,
    Allergy,
    Receipt,
    Date,
    Time,
    Item,
    Category,
    Quantity,
    Amount,
    PartySize,
}

/// Words of headers, in English, German, French, Italian, Spanish and Portuguese, as such systems write them. The first
/// line that fits decides; a word fits when it is the whole name, or a part of it between spaces.
const WORDS: &[(Role, &[&str])] = &[
    (
        Role::Allergy,
        &[
            "allergy",
            "allergies",
            "allergen",
            "allergens",
            "allergie",
            "allergien",
            "allergene",
            "allergia",
            "allergias",
            "alergia",
            "alergias",
            "intolerance",
            "intolerances",
            "unverträglichkeit",
            "unverträglichkeiten",
            "intoleranza",
            "intolleranze",
        ],
    ),
    (Role::Diet, &["diet", "dietary", "ernährung", "kost", "régime", "dieta"]),
    (Role::FirstName, &["first name", "firstname", "given name", "vorname", "prénom", "prenom", "nome", "nombre"]),
    (
        Role::LastName,
        &[
            "last name",
            "lastname",
            "surname",
            "family name",
            "nachname",
            "nom",
            "cognome",
            "apellido",
            "apellidos",
            "sobrenome",
            "apelido",
        ],
    ),
    (Role::AddressedAs, &["salutation", "anrede", "civilité", "titolo", "tratamiento", "tratamento"]),
    (Role::Email, &["email", "e-mail", "mail", "courriel", "correo"]),
    (
        Role::Phone,
        &[
            "phone",
            "mobile",
            "telephone",
            "tel",
            "telefon",
            "handy",
            "téléphone",
            "portable",
            "telefono",
            "cellulare",
            "teléfono",
            "móvil",
            "telefone",
            "telemóvel",
        ],
    ),
    (
        Role::Birthday,
        &[
            "birthday",
            "date of birth",
            "birth date",
            "birthdate",
            "dob",
            "geburtsdatum",
            "geburtstag",
            "date de naissance",
            "data di nascita",
            "fecha de nacimiento",
            "data de nascimento",
        ],
    ),
    (Role::Language, &["language", "sprache", "langue", "lingua", "idioma"]),
    (
        Role::Loyalty,
        &["loyalty", "card", "member", "membership", "kundenkarte", "karte", "carte", "tessera", "tarjeta", "cartão"],
    ),
    (
        Role::Receipt,
        &[
            "receipt",
            "check",
            "bill",
            "ticket",
            "order",
            "transaction",
            "beleg",
            "bon",
            "rechnung",
            "facture",
            "scontrino",
            "factura",
            "fatura",
        ],
    ),
    (Role::Quantity, &["qty", "quantity", "menge", "anzahl", "quantité", "qté", "quantità", "cantidad", "quantidade"]),
    (
        Role::Amount,
        &[
            "amount", "price", "total", "betrag", "preis", "umsatz", "montant", "prix", "importo", "prezzo", "importe",
            "precio", "preço", "valor",
        ],
    ),
    (Role::Category, &["category", "group", "warengruppe", "kategorie", "catégorie", "categoria", "categoría"]),
    (
        Role::Item,
        &[
            "item",
            "product",
            "article",
            "artikel",
            "produkt",
            "produit",
            "articolo",
            "prodotto",
            "artículo",
            "producto",
            "artigo",
            "produto",
        ],
    ),
    (Role::FullName, &["name", "full name", "gastname"]),
    (
        Role::Guest,
        &[
            "guest no",
            "guest id",
            "customer no",
            "customer id",
            "customer",
            "gast",
            "gastnummer",
            "kundennummer",
            "kunde",
            "client",
            "cliente",
            "ospite",
            "huésped",
            "hóspede",
        ],
    ),
    (Role::PartySize, &["covers", "guests", "persons", "personen", "couverts", "coperti", "cubiertos"]),
    (Role::Date, &["date", "datum", "data", "fecha"]),
    (Role::Time, &["time", "zeit", "uhrzeit", "heure", "ora", "hora"]),
];

/// Ways in which systems write dates. The first that all values follow is taken.
const DATES: [&str; 6] = ["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%Y%m%d"];

/// Prints the mapping, so that it can be kept as a file, and on standard error the first rows as it would import them.
pub fn run(path: &Path) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::Failed(format!("{}: {error}", path.display()));
    let text = guess(|| Input::open(path)).map_err(failed)?;
    output::print(&text)?;
    let mapping = Mapping::parse(&text).map_err(Failure::Failed)?;
    let input = Input::open(path).and_then(Input::decode).map_err(failed)?;
    let mut table = Table::begin(input, Arc::new(mapping)).map_err(failed)?;
    let mut rows = Vec::new();
    while rows.len() < SHOWN && !table.next(&mut rows).map_err(failed)? {}
    let kind = json::descriptor("ImportRecord");
    for row in rows.into_iter().take(SHOWN) {
        let (line, shown) = match row {
            Ok(row) => {
                let record = ImportRecord { record: Some(row.record) };
                (row.line, json::write(&kind, &record, false).map_err(|fault| Failure::Failed(fault.message))?)
            }
            Err(reject) => (reject.line, format!("{}: {}: {}", reject.reason, reject.field, reject.message)),
        };
        output::tell(&format!("line {line}: {}", output::tame(&shown)));
    }
    Ok(())
}

/// The mapping, as text. Errors: the file cannot be read, or nothing in it was recognised.
pub fn guess(open: impl Fn() -> io::Result<Input>) -> io::Result<String> {
    let mut best = (b',', Vec::new(), Vec::new());
    for delimiter in DELIMITERS {
        let (names, rows) = sample(open()?, delimiter)?;
        if names.len() > best.1.len() {
            best = (delimiter, names, rows);
        }
    }
    let (delimiter, names, rows) = best;
    let values = |place: usize| rows.iter().map(|row| row[place].as_str()).filter(|value| !value.is_empty()).collect();
    let roles = names.iter().enumerate().map(|(place, name)| role(name).or_else(|| shape(values(place)))).collect();
    let columns = Columns { names, roles, rows };
    let delimiter = if delimiter == b'\t' { "\\t".to_owned() } else { char::from(delimiter).to_string() };
    let is_sale = columns.find(Role::Item).is_some() && columns.find(Role::Receipt).is_some();
    let text = if is_sale { columns.sale(&delimiter) } else { columns.guest(&delimiter) };
    text.ok_or_else(|| {
        io::Error::other("no column was recognised by its name; write a mapping by hand (docs/import.md)")
    })
}

fn sample(input: Input, delimiter: u8) -> io::Result<(Vec<String>, Vec<Vec<String>>)> {
    let mut cutter = Cutter::new(input.decode()?, delimiter);
    let mut consumed = Vec::new();
    let names = header(&mut cutter, &mut consumed)?.fields.unwrap_or_default();
    let (mut rows, mut left) = (Vec::new(), ROWS);
    while left > 0
        && let Some(cut) = cutter.next(Some(names.len()), &mut consumed)?
    {
        left -= 1;
        rows.extend(cut.fields.ok());
    }
    Ok((names, rows))
}

fn role(name: &str) -> Option<Role> {
    let letters: String =
        name.to_lowercase().chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { ' ' }).collect();
    let name = format!(" {} ", letters.split_whitespace().collect::<Vec<_>>().join(" "));
    let fits = |words: &&[&str]| words.iter().any(|word| name.contains(&format!(" {word} ")));
    WORDS.iter().find(|(_, words)| fits(words)).map(|(role, _)| *role)
}

/// What values show when the header says nothing.
fn shape(values: Vec<&str>) -> Option<Role> {
    let all = |is: fn(&str) -> bool| !values.is_empty() && values.iter().all(|value| is(value));
    if all(email_address::EmailAddress::is_valid) {
        return Some(Role::Email);
    }
    all(|value| phonenumber::parse(None, value).is_ok_and(|number| number.is_valid())).then_some(Role::Phone)
}

struct Columns {
    names: Vec<String>,
    roles: Vec<Option<Role>>,
    rows: Vec<Vec<String>>,
}

impl Columns {
    fn find(&self, role: Role) -> Option<usize> {
        self.roles.iter().position(|found| *found == Some(role))
    }

    /// As TOML writes a text, which is as JSON does.
    fn quoted(&self, place: usize) -> String {
        serde_json::Value::from(self.names[place].as_str()).to_string()
    }

    fn column(&self, role: Role) -> Option<String> {
        self.find(role).map(|place| format!("{{ column = {} }}", self.quoted(place)))
    }

    fn values(&self, place: usize) -> impl Iterator<Item = &str> {
        self.rows.iter().map(move |row| row[place].as_str()).filter(|value| !value.is_empty())
    }

    fn date_format(&self, place: usize) -> &'static str {
        let date = |value: &str| value.split([' ', 'T']).next().unwrap_or_default().to_owned();
        let follows =
            |format: &&str| self.values(place).all(|value| jiff::civil::Date::strptime(format, date(value)).is_ok());
        DATES.into_iter().find(follows).unwrap_or(DATES[0])
    }

    fn guest(&self, delimiter: &str) -> Option<String> {
        let mut text = format!(
            "# Guessed from the header and the first rows: check every line.\n[table]\ndelimiter = \"{delimiter}\"\n"
        );
        text.push_str("\n[customer.details]\nkind = \"person\"\n");
        text.extend(self.column(Role::Language).map(|column| format!("language = {column}\n")));
        let empty = text.len();
        let names = [Role::FirstName, Role::LastName].into_iter().filter_map(|role| self.find(role));
        let names: Vec<String> = names.map(|place| self.quoted(place)).collect();
        let full = if names.is_empty() {
            self.column(Role::FullName)
        } else {
            Some(format!("{{ columns = [{}] }}", names.join(", ")))
        };
        text.extend(full.map(|full| format!("\n[customer.details.name]\nfull = {full}\n")));
        if text.len() > empty {
            text.extend(self.column(Role::AddressedAs).map(|column| format!("addressed_as = {column}\n")));
        }
        let identities =
            [(Role::Guest, "pms"), (Role::Loyalty, "loyalty"), (Role::Email, "email"), (Role::Phone, "phone")];
        for (role, kind) in identities {
            let identity = |column| format!("\n[[customer.identities]]\ntype = \"{kind}\"\nvalue = {column}\n");
            text.extend(self.column(role).map(identity));
        }
        if let Some(place) = self.find(Role::Birthday) {
            let (name, format) = (self.quoted(place), self.date_format(place));
            text.push_str(&format!(
                "\n[[customer.occasions]]\nkind = \"birthday\"\ndate = {{ column = {name}, format = \"{format}\" }}\n"
            ));
        }
        let is_nothing = text.len() == empty;
        for (role, kind) in [(Role::Allergy, "allergy"), (Role::Diet, "diet")] {
            text.extend(self.column(role).map(|_| self.precaution(role, kind)));
        }
        (!is_nothing).then_some(text)
    }

    /// Only as a comment: a person must say what each value means, and that nothing is missing.
    fn precaution(&self, role: Role, kind: &str) -> String {
        let name = self.find(role).map(|place| self.quoted(place)).unwrap_or_default();
        format!(
            "\n# TO CONFIRM: column {name} looks like precautions ({kind}). Say for each value what it means, then take the\n\
             # comment signs away. A value that is not named here refuses its row, so that none is lost.\n\
             # [[customer.precautions]]\n# kind = \"{kind}\"\n\
             # code = {{ column = {name}, split = \",\", values = {{ none = \"\", \"…\" = \"…\" }} }}\n"
        )
    }

    fn sale(&self, delimiter: &str) -> Option<String> {
        let receipt = self.quoted(self.find(Role::Receipt)?);
        let item = self.column(Role::Item)?;
        let (decimal, thousands) = self.money();
        let mut text = format!(
            "# Guessed from the header and the first rows: check every line.\n[table]\ndelimiter = \"{delimiter}\"\n\
             group_by = [{receipt}]\ndecimal = \"{decimal}\"\nthousands = \"{thousands}\"\n\
             # The zone of the till's clock.\nzone = \"UTC\"\n\n[interaction]\nsource = \"till\"\n\
             external_id = {{ column = {receipt} }}\nkind = \"purchase\"\n# A venue of the policy.\nvenue_id = \"venue\"\n"
        );
        if let Some(date) = self.find(Role::Date) {
            let mut names = vec![self.quoted(date)];
            let mut format = self.date_format(date).to_owned();
            if let Some(time) = self.find(Role::Time) {
                names.push(self.quoted(time));
                let has_seconds = self.values(time).any(|value| value.matches(':').count() == 2);
                format.push_str(if has_seconds { " %H:%M:%S" } else { " %H:%M" });
            }
            text.push_str(&format!("occur_time = {{ columns = [{}], format = \"{format}\" }}\n", names.join(", ")));
        }
        let customer = [(Role::Loyalty, "loyalty"), (Role::Guest, "pms")]
            .into_iter()
            .find_map(|(role, kind)| Some((self.column(role)?, kind)));
        if let Some((column, kind)) = customer {
            text.push_str(&format!("\n[interaction.identity]\ntype = \"{kind}\"\nvalue = {column}\n"));
        }
        text.extend(
            self.column(Role::PartySize).map(|column| format!("\n[interaction.purchase]\nparty_size = {column}\n")),
        );
        text.push_str(&format!("\n[[interaction.purchase.lines]]\nitem = {item}\n"));
        text.extend(self.column(Role::Category).map(|column| format!("category = {column}\n")));
        text.push_str(
            &self.column(Role::Quantity).map_or("quantity = 1\n".to_owned(), |column| format!("quantity = {column}\n")),
        );
        if let Some(place) = self.find(Role::Amount) {
            text.push_str(&format!("amount_minor_units = {{ column = {}, decimals = 2 }}\n", self.quoted(place)));
        }
        Some(text)
    }

    /// Decimal and thousands: the character before the last two digits of an amount is the decimal.
    fn money(&self) -> (char, char) {
        let amounts = self.find(Role::Amount).map(|place| self.values(place).collect::<Vec<_>>()).unwrap_or_default();
        let mark = |value: &&str| value.chars().rev().nth(2).filter(|mark| [',', '.'].contains(mark));
        match amounts.iter().find_map(mark) {
            Some(',') => (',', '.'),
            _ if amounts.iter().any(|value| value.contains(['\'', '’'])) => ('.', '\''),
            _ => ('.', ','),
        }
    }
}
