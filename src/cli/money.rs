//! Money for people: the contract counts minor units, and how many make a whole is the currency's.

use crate::proto::Money;

/// Currencies whose minor unit is the whole. Source: ISO 4217, list one.
const WITHOUT_DECIMALS: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF";
/// Currencies with three decimals. All others have two.
const WITH_THREE: &str = "BHD IQD JOD KWD LYD OMR TND";

/// "CHF 12.50".
pub fn money(money: &Money) -> String {
    format!("{} {}", money.currency_code, amount(money))
}

/// "12.50", where the currency is said elsewhere.
pub fn amount(money: &Money) -> String {
    let is_in = |list: &str| list.split(' ').any(|code| code == money.currency_code);
    let (decimals, unit) = match (is_in(WITHOUT_DECIMALS), is_in(WITH_THREE)) {
        (true, _) => return money.minor_units.to_string(),
        (_, true) => (3, 1_000),
        _ => (2, 100),
    };
    let (sign, minor_units) = (if money.minor_units < 0 { "-" } else { "" }, money.minor_units.unsigned_abs());
    format!("{sign}{}.{:0decimals$}", minor_units / unit, minor_units % unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_written_as_its_currency_is() {
        let written = |code: &str, minor_units| money(&Money { currency_code: code.into(), minor_units });
        assert_eq!((written("CHF", 1_250), written("EUR", 5)), ("CHF 12.50".into(), "EUR 0.05".into()));
        assert_eq!((written("JPY", 1_250), written("KWD", 1_250)), ("JPY 1250".into(), "KWD 1.250".into()));
        assert_eq!((written("USD", -5), written("USD", i64::MIN).len()), ("USD -0.05".into(), 25));
    }
}
