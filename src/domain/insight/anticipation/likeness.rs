//! How much alike a customer's purchases are, and so what a resemblance says.
//!
//! Two purchases drawn from the same habit have more items in common than two drawn from different ones. So compare pairs of
//! purchases at this hour (venue, weekday) with pairs of which one is at another: when the first have more in common, the
//! hour tells what is bought, and by how much. This is the moment estimate of the variance between groups in a random-effects
//! model; a group of n purchases then deserves n × (variance between) / (variance within) more weight than the rest, and the
//! variance within is about the items of one purchase, because each is seldom bought.

use crate::domain::parts::{habits::Tally, recent::Mask};

/// Pairs of purchases worth of belief in what is expected of a venue, an hour, a weekday, before the customer's own are
/// believed.
const PAIRS_EXPECTED: f64 = 50.0;
/// The same for what is expected of a customer: fewer, because all pairs of purchases tell of it.
const CUSTOMER_PAIRS_EXPECTED: f64 = 10.0;
/// What purchases at one venue have in common beyond those elsewhere, per item, when too few are known: venues differ in
/// what they sell. Of hour and weekday nothing is expected.
pub(super) const VENUE_EXPECTED: f64 = 0.1;
/// What any two purchases of one customer have in common, per item, when too few are known.
const CUSTOMER_EXPECTED: f64 = 0.25;
/// The least that is believed of it: however little a customer's purchases are alike, ten outweigh those of others.
const CUSTOMER_MIN: f64 = 0.1;

/// How much more the vote of a purchase in each group weighs, given what is expected of the group: 0 when the group has
/// nothing in common beyond the rest. One pass over the items for all groups: it is most of what anticipation costs.
pub(super) fn gains<const N: usize>(items: &[Tally], purchases: usize, groups: [(Mask, f64); N]) -> [f64; N] {
    let (mut within, mut products, mut squares) = ([0_u32; N], [0_u32; N], [0_u32; N]);
    let mut bought = 0;
    for tally in items {
        let all = tally.recent.count_ones();
        bought += all;
        for (index, (group, _)) in groups.iter().enumerate() {
            let count = (tally.recent & group).count_ones();
            within[index] += count;
            squares[index] += count * count;
            products[index] += count * all;
        }
    }
    let per_purchase = f64::from(bought) / purchases as f64;
    std::array::from_fn(|index| {
        let (group, expected) = groups[index];
        let inside_count = f64::from(group.count_ones());
        let pairs_inside = inside_count * (inside_count - 1.0);
        let pairs_across = inside_count * (purchases as f64 - inside_count);
        if pairs_across <= 0.0 {
            // All purchases or none: it does not distinguish them, and must not outweigh what does.
            return 0.0;
        }
        let pairs = pairs_inside.min(pairs_across);
        if pairs <= 0.0 {
            return expected * purchases as f64;
        }
        if bought == 0 {
            return 0.0;
        }
        let inside = f64::from(squares[index] - within[index]) / pairs_inside;
        let across = f64::from(products[index] - squares[index]) / pairs_across;
        believed((inside - across) / per_purchase, pairs, expected, PAIRS_EXPECTED).max(0.0) * purchases as f64
    })
}

/// What was seen in so many pairs, drawn towards what is expected as if it had been seen in `prior` more.
fn believed(seen: f64, pairs: f64, expected: f64, prior: f64) -> f64 {
    (seen * pairs + expected * prior) / (pairs + prior)
}

/// How many purchases of the customer's own all those of others weigh: the fewer, the more the own are alike.
pub(super) fn trust_in_others(items: &[Tally], purchases: usize) -> f64 {
    let (mut twice, mut bought) = (0, 0);
    for tally in items {
        let count = tally.recent.count_ones();
        twice += count * count.saturating_sub(1);
        bought += count;
    }
    let count = purchases as f64;
    let pairs = count * (count - 1.0) / 2.0;
    if pairs <= 0.0 || bought == 0 {
        return 1.0 / CUSTOMER_EXPECTED;
    }
    let in_common = f64::from(twice) / 2.0 / pairs;
    let seen = in_common * count / f64::from(bought);
    1.0 / believed(seen, pairs, CUSTOMER_EXPECTED, CUSTOMER_PAIRS_EXPECTED).max(CUSTOMER_MIN)
}
