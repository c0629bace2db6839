//! Which visits are left when one is taken back: extremes cannot be taken back by counts alone, but the history knows.

use super::{habits::Habits, interaction::Interaction};
use crate::domain::kernel::{id::VenueId, time::Timestamp};

/// What the history says of the visits that are left.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct VisitsLeft {
    pub first: Option<Timestamp>,
    pub last: Option<Timestamp>,
    /// The latest time at the venue of the one that is taken back.
    pub here: Option<Timestamp>,
}

impl VisitsLeft {
    /// Counts an interaction that stays. `venue`: of the one that is taken back.
    pub fn add(&mut self, stays: &Interaction, venue: &VenueId) {
        let time = stays.occur_time;
        if stays.is_visit() {
            self.first = Some(self.first.map_or(time, |first| first.min(time)));
            self.last = self.last.max(Some(time));
        }
        if stays.was_there() && stays.venue == *venue {
            self.here = self.here.max(Some(time));
        }
    }

    /// What is known if the history has lost its oldest entries; `None`: too little. What it lost was before all that it has.
    pub fn of_trimmed(self, habits: &Habits) -> Option<Self> {
        (self.last.is_some() && self.here.is_some()).then_some(Self { first: habits.first_visit, ..self })
    }
}

impl Habits {
    /// Whether an interaction is the first or the latest visit, or the latest to its venue: what is left is then to be looked up.
    pub fn ends_with(&self, interaction: &Interaction) -> bool {
        let time = interaction.occur_time;
        let is_end =
            self.first_visit.is_none_or(|first| time <= first) || self.last_visit.is_none_or(|last| time >= last);
        (interaction.is_visit() && is_end)
            || (interaction.was_there() && self.whereabouts.is_latest(&interaction.venue, time))
    }

    /// [`Habits::unfold`]; the first and the latest visit, and the latest to the venue, are those that are left.
    pub fn unfold_among(&mut self, interaction: &Interaction, left: Option<&VisitsLeft>) {
        let placed = self.whereabouts.clone();
        self.unfold(interaction);
        let Some(left) = left else { return };
        if self.visits > 0 {
            self.first_visit = left.first.or(self.first_visit);
            self.last_visit = left.last.or(self.last_visit);
        }
        if interaction.was_there() && (self.visits > 0 || self.purchases > 0) {
            self.whereabouts = placed.without(&interaction.venue, interaction.occur_time, left.here);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{parts::interaction::InteractionKind, testing::purchase};

    fn any_interaction() -> impl Strategy<Value = Interaction> {
        (1u32..28, 0usize..3, 0usize..4).prop_map(|(day, venue, kind)| {
            let mut one = purchase("1", &format!("2026-02-{day:02}T12:00:00Z"), &[("milk", "")]);
            one.venue = VenueId::parse("", ["here", "there", "sister"][venue]).unwrap();
            match kind {
                0 => (one.kind, one.purchase) = (InteractionKind::Visit, None),
                1 => (one.kind, one.purchase) = (InteractionKind::Contact, None),
                2 => one.visit_external_id = "stay-7".to_owned(),
                _ => {}
            }
            one
        })
    }

    proptest! {
        #[test]
        fn what_is_taken_back_never_was(
            all in prop::collection::vec(any_interaction(), 2..20), pick in any::<prop::sample::Index>()
        ) {
            let gone = pick.index(all.len());
            let rest = || all.iter().enumerate().filter(|(place, _)| *place != gone).map(|(_, one)| one);
            let (mut habits, mut without) = (Habits::default(), Habits::default());
            for one in &all {
                habits.fold(one);
            }
            rest().for_each(|one| without.fold(one));
            let mut left = VisitsLeft::default();
            rest().for_each(|one| left.add(one, &all[gone].venue));
            let left = habits.ends_with(&all[gone]).then_some(left);
            habits.unfold_among(&all[gone], left.as_ref());
            prop_assert_eq!((habits.first_visit, habits.last_visit), (without.first_visit, without.last_visit));
            prop_assert_eq!(habits.whereabouts, without.whereabouts);
        }
    }

    #[test]
    fn a_history_that_was_trimmed_knows_the_latest_alone() {
        let at = |day: i64| Some(Timestamp::from_second(day * 86_400).unwrap());
        let habits = Habits { first_visit: at(1), last_visit: at(9), ..Habits::default() };
        let left = VisitsLeft { first: at(5), last: at(8), here: at(7) };
        assert_eq!(left.of_trimmed(&habits), Some(VisitsLeft { first: at(1), ..left }));
        assert_eq!(VisitsLeft { here: None, ..left }.of_trimmed(&habits), None);
        assert_eq!(VisitsLeft { last: None, ..left }.of_trimmed(&habits), None);
    }
}
