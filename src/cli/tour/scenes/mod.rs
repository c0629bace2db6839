//! The scenes in their order. One more: a file with a `SCENE` of its own, its module, and its place in the list.

use futures_util::future::LocalBoxFuture;

use super::narrator::Narrator;
use crate::cli::failure::Failure;

mod almond_tart;
mod card_is_swiped;
mod complaint;
mod observation;
mod over_authority;
mod promise_kept;
mod shared_phone;
mod stranger;
mod third_box;
mod thousand;
mod voided_purchase;

pub const SCENES: &[Scene] = &[
    card_is_swiped::SCENE,
    stranger::SCENE,
    shared_phone::SCENE,
    observation::SCENE,
    voided_purchase::SCENE,
    almond_tart::SCENE,
    complaint::SCENE,
    third_box::SCENE,
    over_authority::SCENE,
    promise_kept::SCENE,
    thousand::SCENE,
];

/// Something that happens in front of a customer.
pub struct Scene {
    pub title: &'static str,
    /// Says what happens, shows the calls and makes them. May change the guests of later scenes.
    pub play: for<'a> fn(&'a Narrator) -> Played<'a>,
    /// A few sentences: why it matters.
    pub why: &'static str,
}

pub type Played<'a> = LocalBoxFuture<'a, Result<(), Failure>>;
