//! Money: whole minor units of an ISO 4217 currency.

use super::error::Violation;

/// An ISO 4217 code, three capital letters, known to the list of today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

/// An amount; never negative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money {
    pub currency: Currency,
    pub minor_units: i64,
}

impl Currency {
    pub fn parse(field: &str, raw: &str) -> Result<Self, Violation> {
        let code: Option<[u8; 3]> = raw.as_bytes().try_into().ok();
        match code {
            Some(code) if CODES.as_bytes().chunks(4).any(|known| known[..3] == code) => Ok(Self(code)),
            _ => Err(Violation::new(field, "must be an ISO 4217 currency code, for example \"USD\"")),
        }
    }

    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a parsed code is ASCII")
    }
}

impl Money {
    pub fn parse(field: &str, currency: &str, minor_units: i64) -> Result<Self, Violation> {
        if minor_units < 0 {
            return Err(Violation::new("minor_units", "must not be negative").within(field));
        }
        let currency = Currency::parse("currency_code", currency).map_err(|violation| violation.within(field))?;
        Ok(Self { currency, minor_units })
    }
}

/// ISO 4217 list one, active codes with a minor unit (funds, metals and test codes left out).
const CODES: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG ";
