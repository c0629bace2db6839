//! What every answer needs to know of a customer here and now, worked out once.

pub mod question;

use std::cell::OnceCell;

use jiff::civil::{Date, DateTime};

use question::Question;

use crate::domain::{
    gate::{Cleared, Gate, TooYoungFor, Who},
    insight::{
        near::{self, Near},
        relationship,
    },
    items::Menu,
    kernel::{
        id::VenueId,
        time::{Timestamp, day_start, days_between},
    },
    parts::{
        consent::{Part, WithheldReason},
        habits,
        interaction::LocalMoment,
        level::RelationshipLevel,
        occasion::Occasion,
        precaution::Precaution,
        preference::{CONFIDENCE_TO_ACT, Preference, Stance, Subject},
    },
    profile::{Asked, CustomerKind, Profile},
    words::{fold::is_same_item, pregnancy, whose},
};

/// Situations that the clock can tell: name, first hour, hour after the last.
const SITUATIONS: [(&str, i8, i8); 5] =
    [("breakfast", 5, 11), ("lunch", 11, 15), ("afternoon", 12, 17), ("dinner", 17, 23), ("evening", 17, 23)];

/// What every answer needs to know, worked out once.
pub(in crate::domain) struct Moment<'a> {
    pub profile: &'a Profile,
    pub question: &'a Question<'a>,
    /// The venue's clock on the wall at `at`, and its calendar date.
    pub civil: DateTime,
    pub date: Date,
    /// The same by business date, as habits are counted.
    pub local: LocalMoment,
    pub cell: u8,
    /// How the question about allergies and diets stands, by the server's clock.
    pub asked: Asked,
    /// Active precautions, the most critical first.
    pub precautions: Vec<&'a Precaution>,
    /// Preferences that reach this venue, with their confidence.
    pub preferences: Vec<(&'a Preference, f64)>,
    /// Occasions that are kept today or soon by the business day, the nearest first.
    pub near: Vec<Near<'a>>,
    gate: OnceCell<Gate<'a>>,
    believed: OnceCell<Vec<(Cleared<&'a Preference>, f64)>>,
    /// An issue is open: no recommendations, and no gestures but those that make good.
    pub is_unresolved: bool,
    level: OnceCell<RelationshipLevel>,
}

impl<'a> Moment<'a> {
    pub fn of(profile: &'a Profile, question: &'a Question<'a>) -> Self {
        let civil = question.venue.zone.to_datetime(question.at);
        let local = question.venue.local_at(civil);
        // Confidence moves from day to day, by the server's clock, so that an answer can be kept for a while.
        let today = day_start(question.now);
        let brand_of = |id: &VenueId| question.policy.venue(id).map(|venue| venue.brand.as_str());
        let here = profile
            .preferences
            .iter()
            .filter(|known| known.holds_at(&question.venue.id, &question.venue.brand, brand_of));
        // What somebody liked who has died is not served as theirs.
        let here = here.filter(|known| {
            let Subject { item, situation, .. } = &known.subject;
            !known.stance.is_positive() || !(profile.names_dead(item) || profile.names_dead(situation))
        });
        let is_welcome = profile.is_welcome(question.purpose, question.now);
        Self {
            profile,
            question,
            asked: profile.asked(question.now),
            precautions: profile.active_precautions(question.now),
            preferences: here.map(|known| (known, known.confidence(today))).collect(),
            // Past midnight a table still sits in the evening of its business day.
            near: if is_welcome { near::near(profile, local.date) } else { Vec::new() },
            gate: OnceCell::new(),
            believed: OnceCell::new(),
            // Who may not know of an issue must not tell it from what is missing.
            is_unresolved: profile.has_open_issue() && profile.sees(question.purpose, Part::Recovery).is_ok(),
            level: OnceCell::new(),
            civil,
            date: civil.date(),
            local,
            cell: habits::cell_of(local),
        }
    }

    /// Whether nobody needs a manager first.
    pub fn is_welcome(&self) -> bool {
        self.profile.is_welcome(self.question.purpose, self.question.now)
    }

    pub fn may_see(&self, part: Part) -> bool {
        self.sees(part).is_ok()
    }

    /// Whether the purpose may see a part; else, why not.
    pub fn sees(&self, part: Part) -> Result<(), WithheldReason> {
        self.profile.sees(self.question.purpose, part)
    }

    /// Preferences are what every purpose may see that has the customer's agreement.
    pub fn consented(&self) -> Result<(), WithheldReason> {
        self.sees(Part::Preferences)
    }

    /// What may be proposed; worked out when first asked for.
    pub fn gate(&self) -> &Gate<'a> {
        self.gate.get_or_init(|| self.gate_of(self.question.menu, self.question.now))
    }

    /// What may be delivered at a time: by what is put for then.
    pub fn with_gate_at<T>(&self, time: Timestamp, judge: impl FnOnce(&Gate<'a>) -> T) -> T {
        let menu = self.question.menu.at(time);
        // Most deliveries come before anything is declared otherwise.
        let is_as_now = std::ptr::eq(menu, self.question.menu) && menu.lasts_until(time);
        if is_as_now { judge(self.gate()) } else { judge(&self.gate_of(menu, time)) }
    }

    fn gate_of(&self, menu: &'a Menu, at: Timestamp) -> Gate<'a> {
        let sees_precautions = self.may_see(Part::Precautions);
        // Who is not told what the customer avoids must not find it by what is missing either.
        let is_told = |known: &Preference| sees_precautions || known.stance != Stance::Avoid;
        let kept_away = self.preferences.iter();
        let kept_away = kept_away.filter(|(known, confidence)| is_told(known) && known.is_kept_away(*confidence));
        let who = Who {
            is_asked: matches!(self.asked, Asked::At(_)),
            sees_precautions,
            habits: Some((&self.profile.habits, self.question.venue)),
            menu,
            at,
            rules: &self.question.policy.rules.items,
        };
        let gate = Gate::of(self.precautions.iter().copied(), kept_away.map(|(known, _)| *known), who);
        let is_household = self.profile.details.kind == CustomerKind::Household;
        let gate = if is_household { gate.for_several() } else { gate };
        // Whose child it is speaks of it as another: "my daughter". And some say the guest's own name.
        let name = &self.profile.details.name;
        let is_theirs = |whose: &str| {
            self.profile.is_minor(self.date) || whose::is_called(whose, &[&name.full, &name.addressed_as])
        };
        let gate = gate.of_others_too(is_theirs);
        gate.too_young_for(self.too_young_for(self.question.at))
    }

    /// What the customer is too young for on the day of some time; `None`: nothing, or their age is not known.
    pub fn too_young_for(&self, time: Timestamp) -> Option<TooYoungFor> {
        let Question { policy, venue, menu, .. } = self.question;
        TooYoungFor::of(self.profile, venue.date_of(time), policy, venue, menu)
    }

    /// Likes and favourites to act on; worked out when first asked for.
    pub fn believed(&self) -> &[(Cleared<&'a Preference>, f64)] {
        self.believed.get_or_init(|| self.work_out_believed())
    }

    /// Likes and favourites that are believed, hold here, and may be proposed; the strongest first.
    fn work_out_believed(&self) -> Vec<(Cleared<&'a Preference>, f64)> {
        let gate = self.gate();
        let liked = self.preferences.iter().filter(|(known, confidence)| {
            known.stance.is_positive()
                && *confidence >= CONFIDENCE_TO_ACT
                && self.fits_the_hour(&known.subject.situation)
                && !self.in_basket(&known.subject.item)
        });
        let liked = liked.filter_map(|(known, confidence)| Some((gate.admit(*known)?, *confidence)));
        let mut liked: Vec<(Cleared<&Preference>, f64)> = liked.collect();
        liked.sort_by(|one, other| {
            let favourite = |known: &Cleared<&Preference>| known.get().stance == Stance::Favourite;
            favourite(&other.0).cmp(&favourite(&one.0)).then(other.1.total_cmp(&one.1))
        });
        liked
    }

    /// Whether a situation is now, by the clock. One that the clock does not know is left to the reader; all are, who asks about a day.
    pub fn fits_the_hour(&self, situation: &str) -> bool {
        if !self.question.purpose.is_told_moments() {
            return true;
        }
        match SITUATIONS.iter().find(|(name, _, _)| *name == situation) {
            Some((_, from, until)) => (*from..*until).contains(&self.civil.hour()),
            None => true,
        }
    }

    /// How close the relationship is, as far as the purpose may know; worked out when first asked for.
    pub fn level(&self) -> RelationshipLevel {
        *self.level.get_or_init(|| {
            let rules = &self.question.policy.rules;
            if self.may_see(Part::Recovery) {
                relationship::level(self.profile, rules, self.question.now)
            } else {
                // What caps it are issues and promises.
                let tells_avoided = self.may_see(Part::Precautions);
                relationship::level_as_told(self.profile, rules, self.question.now, tells_avoided)
            }
        })
    }

    /// The words for a day, if they may be said; else none. What names what the customer must not have is no wish, and what tells of a
    /// pregnancy is nobody's to mention.
    pub fn label_of(&self, occasion: &'a Occasion) -> &'a str {
        let label = occasion.reported.label.as_str();
        let is_said = !label.is_empty() && !pregnancy::is_told_of_day(label) && self.gate().admits_label(label);
        if is_said { label } else { "" }
    }

    /// Whether an occasion on this day is worth a word.
    pub fn is_near(&self, date: Date) -> bool {
        (0..=near::DAYS_AHEAD).contains(&days_between(self.local.date, date))
    }

    pub fn date_of(&self, time: Timestamp) -> Date {
        self.question.venue.date_of(time)
    }

    pub fn in_basket(&self, item: &str) -> bool {
        self.question.basket.iter().any(|chosen| is_same_item(chosen, item))
    }
}
