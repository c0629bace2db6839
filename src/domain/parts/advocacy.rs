//! Advocacy: what customers say of us, and whom they bring.

/// What a violation says of a referral to oneself.
pub const BRINGS_ANOTHER: &str = "must be another customer than the one who brought them";

/// How a customer found it, on the scale that was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Feedback {
    pub score: i32,
    pub scale_min: i32,
    /// More than `scale_min`.
    pub scale_max: i32,
}

impl Feedback {
    /// The score within its scale, in thousandths.
    pub fn thousandths(&self) -> u64 {
        let span = i64::from(self.scale_max) - i64::from(self.scale_min);
        let above = i64::from(self.score) - i64::from(self.scale_min);
        u64::try_from(above * 1_000 / span.max(1)).unwrap_or(0)
    }
}

/// Sums of whole numbers: they do not depend on order, and a void takes them back exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Advocacy {
    /// Times they gave feedback.
    pub feedback: u32,
    /// Their scores in thousandths of the scale, summed.
    pub score_sum: u64,
    /// Customers they brought.
    pub referrals: u32,
}

impl Advocacy {
    /// The mean score, 0 to 1; `None` before the first.
    pub fn mean_score(&self) -> Option<f64> {
        (self.feedback > 0).then(|| self.score_sum as f64 / 1_000.0 / f64::from(self.feedback))
    }

    pub(in crate::domain) fn fold(&mut self, feedback: Option<&Feedback>, is_referral: bool) {
        if let Some(feedback) = feedback {
            self.feedback = self.feedback.saturating_add(1);
            self.score_sum = self.score_sum.saturating_add(feedback.thousandths());
        }
        self.referrals = self.referrals.saturating_add(u32::from(is_referral));
    }

    pub(in crate::domain) fn unfold(&mut self, feedback: Option<&Feedback>, is_referral: bool) {
        if let Some(feedback) = feedback {
            self.feedback = self.feedback.saturating_sub(1);
            self.score_sum = self.score_sum.saturating_sub(feedback.thousandths());
        }
        self.referrals = self.referrals.saturating_sub(u32::from(is_referral));
    }
}
