use super::*;

#[test]
fn every_status_carries_reason_domain_and_what_to_do() {
    let errors = [
        Error::RequestIdReused,
        Error::InteractionDiffers,
        Error::CustomerNotFound,
        Error::EntryNotFound("occasion"),
        Error::ItemNotFound,
        Error::PolicyNotFound,
        Error::PolicyDamaged("driver text".into()),
        Error::PolicyLost("driver text".into()),
        Error::IdentityTaken { field: "identity".into() },
        Error::TooManyUnknown { after: Duration::from_mins(1) },
        Error::IdentityHeld { field: "identity".into() },
        Error::IdentityUnknown,
        Error::IdentityAmbiguous,
        Error::CustomerExists { customer: "c".into() },
        Error::CustomerErased,
        Error::ErasureUnfinished("driver text".into()),
        Error::EtagMismatch,
        Error::Contended,
        Error::LimitReached { what: "preferences", max: 200 },
        Error::SecondPersonNeeded,
        Error::NotActive { what: "precaution" },
        Error::NotResolved,
        Error::Withheld(WithheldReason::Purpose),
        Error::Withheld(WithheldReason::Consent),
        Error::Withheld(WithheldReason::Role),
        Error::Withheld(WithheldReason::StoreUnreachable),
        Error::RevisionNotReached,
        Error::Internal,
        StoreError::Conflict.into(),
        StoreError::Unavailable("driver text".into()).into(),
        StoreError::Misconfigured("driver text".into()).into(),
        StoreError::Unfit("driver text".into()).into(),
        StoreError::Unknown("driver text".into()).into(),
        StoreError::Full("driver text".into()).into(),
        StoreError::UpgradeNeeded { needed: 2, written: 1 }.into(),
        StoreError::Corrupt("driver text".into()).into(),
        Violation::new("customer_id", "must be given").into(),
    ];
    let wire = [
        CallError::TenantMismatch,
        CallError::Metadata("rapport-device"),
        CallError::MetadataOfCard("rapport-device"),
        CallError::MetadataRepeated("rapport-device"),
        CallError::TimeoutMalformed,
        CallError::DeadlinePassed,
        CallError::MessageTooLarge,
        CallError::TooMuchInFlight,
        CallError::AnswersNotTaken,
        CallError::AnswerFull,
        CallError::TooManyCalls(Duration::from_millis(2)),
        CallError::NotOffered,
        CallError::MessageMalformed,
        CallError::Panicked,
    ];
    for error in errors.into_iter().map(CallError::from).chain(wire) {
        let status = refuse(None, error);
        let details = status.get_error_details();
        let info = details.error_info().expect("an ErrorInfo");
        assert_eq!(info.domain, "rapport");
        assert!(info.reason.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'), "{}", info.reason);
        assert!(status.message().len() > 20, "{}", info.reason);
        assert!(!status.message().contains("driver text"), "{}", info.reason);
        let retriable = matches!(status.code(), Code::Unavailable) && info.reason != "STORE_MISCONFIGURED";
        assert!(!retriable || details.retry_info().is_some(), "{}", info.reason);
        assert!(info.reason != "STORE_MISCONFIGURED" || details.retry_info().is_none(), "no retry helps");
    }
}

#[test]
fn a_violation_names_its_field() {
    let status = refuse(None, Violation::new("customer.identities[2].value", "must be a telephone number"));
    assert_eq!(status.code(), Code::InvalidArgument);
    let details = status.get_error_details();
    let request = details.bad_request().expect("a BadRequest");
    assert_eq!(request.field_violations[0].field, "customer.identities[2].value");
}
