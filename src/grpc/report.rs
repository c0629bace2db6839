//! ReportService.

use tonic::{Request, Response, Status, async_trait};

use super::{Gate, convert::report as wire, status::status};
use crate::proto::{GetServiceReviewRequest, GetServiceReviewResponse, report_service_server::ReportService};

#[async_trait]
impl ReportService for Gate {
    async fn get_service_review(
        &self,
        request: Request<GetServiceReviewRequest>,
    ) -> Result<Response<GetServiceReviewResponse>, Status> {
        let caller = self.enter(request.metadata()).await?;
        let asked = wire::asked(request.into_inner()).map_err(status)?;
        let review = self.rapport.service_review(&caller, &asked).await.map_err(status)?;
        Ok(Response::new(GetServiceReviewResponse { review: Some(wire::review_out(&caller, &asked, review)) }))
    }
}
