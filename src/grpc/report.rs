//! ReportService.

use super::{
    call::{Answer, Call, serve},
    convert::report,
};
use crate::proto::{GetServiceReviewRequest, GetServiceReviewResponse, report_service_server::ReportService};

serve! {
    ReportService {
        get_service_review: GetServiceReviewRequest => GetServiceReviewResponse,
    }
}

async fn get_service_review(call: Call, message: GetServiceReviewRequest) -> Answer<GetServiceReviewResponse> {
    let asked = report::asked(message)?;
    let review = call.rapport.reports().service_review(&call.caller, &asked).await?;
    Ok(GetServiceReviewResponse { review: Some(report::review_out(&call.caller, &asked, review)) }.into())
}
