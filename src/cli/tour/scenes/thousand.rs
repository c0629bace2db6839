//! It is there in time.

use std::time::{Duration, Instant};

use super::{Narrator, Played, Scene};
use crate::{
    cli::{args, demo::page::CUSTOMERS, failure::Failure},
    proto::{
        BriefingSubject, GetBriefingRequest, Purpose, briefing_service_client::BriefingServiceClient,
        briefing_subject::Subject,
    },
};

pub const SCENE: Scene =
    Scene { title: "A thousand briefings", play, why: "A briefing that comes after the greeting is no briefing." };

/// As the title says.
const BRIEFINGS: usize = 1_000;

fn play(narrator: &Narrator) -> Played<'_> {
    Box::pin(async move {
        narrator.say("Every guest of the demo again, by phone, card or room, a thousand times over one connection:")?;
        let mut took = Vec::with_capacity(BRIEFINGS);
        let mut client = BriefingServiceClient::new(narrator.channel());
        for (_, identity, venue, _) in CUSTOMERS.iter().cycle().take(BRIEFINGS) {
            let request = request(identity, venue)?;
            let before = Instant::now();
            client.get_briefing(request).await?;
            took.push(before.elapsed());
        }
        took.sort_unstable();
        let within = |share: usize| milliseconds(took[took.len() * share / 100]);
        let (half, most) = (within(50), within(99));
        narrator.finding(&format!("1,000 briefings: half within {half} ms, 99 of 100 within {most} ms"))?;
        narrator.say("On this machine, client and server together. With load, and beside a call that does nothing:")?;
        narrator.show(&["bench", "--mode", "identity"])
    })
}

fn request(identity: &str, venue: &str) -> Result<GetBriefingRequest, Failure> {
    let identity = args::identity(identity).map_err(Failure::Usage)?;
    Ok(GetBriefingRequest {
        subject: Some(BriefingSubject { subject: Some(Subject::Identity(identity)) }),
        venue_id: venue.to_owned(),
        purpose: Purpose::Service.into(),
        ..GetBriefingRequest::default()
    })
}

fn milliseconds(time: Duration) -> String {
    format!("{:.2}", time.as_secs_f64() * 1_000.0)
}
