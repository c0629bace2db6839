//! Random menus for gate_oracle_table.rs: dishes of dishes, two dishes of one name, what is no food, what was declared and does not
//! count any more; and what is known of each line, added up without the code that decides.

use std::collections::BTreeSet;

use rapport::proto::*;

use super::{
    catalogue::put_all,
    gate_oracle::{Contents, Dice, contents},
    world::*,
};

/// Seconds between two menus: each takes two for what becomes of it.
pub const MENU_SECONDS: i64 = 10;

/// A menu's dishes; then dishes of these; then dishes of both.
const PLAIN: usize = 40;
const OF_PLAIN: usize = 52;
const DISHES: usize = 60;
/// Things that are nothing to eat or drink come after the dishes.
const THINGS: usize = 66;
/// Names that nobody lists.
const UNLISTED: usize = 4;
/// Each is the name of two plain dishes.
const TWINS: usize = 4;

/// Something of the menu.
#[derive(Debug, Clone, Default)]
struct Dish {
    contents: Option<Contents>,
    parts: Vec<usize>,
    is_thing: bool,
    /// Declared, and by now it does not count: marked as changed, or past its time.
    is_stale: bool,
    /// Taken from the menu; it was declared to contain nothing.
    is_gone: bool,
}

/// What is known of a dish, or of all that makes a line.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    pub known: Contents,
    /// What was declared and does not count any more: whether it is told all the same, the rules leave open.
    pub stale: Contents,
    pub is_open: bool,
    pub is_edible: bool,
    /// Said to be left out, its words may put something in.
    pub is_unlisted: bool,
    /// What the dishes contain that are left out.
    pub left_out: Contents,
    pub stale_left_out: Contents,
    /// What the dishes contain that are added, or put in for something: nobody leaves it out.
    pub put_in: Contents,
    pub stale_put_in: Contents,
}

impl Facts {
    fn add(&mut self, other: Self) {
        for (mine, theirs) in [(&mut self.known, other.known), (&mut self.stale, other.stale)] {
            mine.contains.extend(theirs.contains);
            mine.may.extend(theirs.may);
        }
        self.is_open |= other.is_open;
        self.is_edible |= other.is_edible;
    }

    /// Nobody lists it.
    fn unlisted() -> Self {
        Self { is_open: true, is_edible: true, is_unlisted: true, ..Self::default() }
    }
}

/// A dish with all that it is made of.
fn facts(menu: &[Dish], at: usize) -> Facts {
    let dish = &menu[at];
    if dish.is_gone {
        // Its name is known all the same.
        return Facts { is_unlisted: false, ..Facts::unlisted() };
    }
    let own = dish.contents.clone().unwrap_or_default();
    let (known, stale) = if dish.is_stale { (Contents::default(), own) } else { (own, Contents::default()) };
    let is_silent = dish.contents.is_none() && dish.parts.is_empty();
    let mut all = Facts {
        known,
        stale,
        is_open: !dish.is_thing && (dish.is_stale || is_silent),
        is_edible: !dish.is_thing,
        ..Facts::default()
    };
    for part in &dish.parts {
        all.add(facts(menu, *part));
    }
    all
}

/// A menu, and what its kitchen carries over.
pub struct Menu {
    dishes: Vec<Dish>,
    pub kitchen: Vec<&'static str>,
}

fn id(at: usize) -> String {
    format!("d{at}")
}

fn dish_name(at: usize) -> String {
    format!("{} {at}", if at < DISHES { "Dish" } else { "Thing" })
}

impl Menu {
    pub fn throw(dice: &mut Dice) -> Self {
        let dish = |dice: &mut Dice, at: usize| {
            let own = (!dice.one_in(6)).then(|| contents(dice));
            match at {
                0 | 1 => Dish { contents: Some(Contents::default()), is_gone: true, ..Dish::default() },
                _ if at < PLAIN => Dish { is_stale: own.is_some() && dice.one_in(8), contents: own, ..Dish::default() },
                _ if at < DISHES => {
                    let below = if at < OF_PLAIN { PLAIN } else { OF_PLAIN };
                    let mut parts: Vec<usize> = (0..=dice.below(3)).map(|_| dice.below(below)).collect();
                    parts.sort_unstable();
                    parts.dedup();
                    Dish { contents: own.filter(|_| dice.one_in(2)), parts, ..Dish::default() }
                }
                _ => Dish { contents: own.filter(|_| dice.one_in(2)), is_thing: true, ..Dish::default() },
            }
        };
        let dishes = (0..THINGS).map(|at| dish(dice, at)).collect();
        let kitchen: BTreeSet<_> = (0..dice.below(3)).flat_map(|_| contents(dice).contains).collect();
        Self { dishes, kitchen: kitchen.into_iter().collect() }
    }

    /// Declares it, and what becomes of it in the seconds after.
    pub async fn declare(&self, world: &World, start: i64) {
        let level = |codes: &[&str], level: ContentLevel| -> Vec<ItemContent> {
            codes.iter().map(|code| ItemContent { code: (*code).into(), level: level as i32 }).collect()
        };
        let declared = |at: usize, made: &Contents| {
            let all = [level(&made.contains, ContentLevel::Contains), level(&made.may, ContentLevel::MayContain)];
            let ends = self.dishes[at].is_stale && at.is_multiple_of(2);
            let expire_time = if ends { time(start + 2) } else { None };
            with!(ItemContents { contents: all.concat(), expire_time, declare_time: time(start) })
        };
        let is_silent = |dish: &Dish| dish.contents.is_none() && dish.parts.is_empty() && !dish.is_thing;
        let nothing = Contents::default();
        let item = |at: usize, contents: Option<&Contents>| {
            let dish = &self.dishes[at];
            let mut names = vec![dish_name(at)];
            if (2..2 + 2 * TWINS).contains(&at) {
                names.push(format!("Twin {}", (at - 2) / 2));
            }
            let name = |text| ItemName { language: "en".into(), text };
            with!(Item {
                item_id: id(at),
                names: names.into_iter().map(name).collect(),
                not_food: dish.is_thing,
                contents: contents.map(|made| declared(at, made)),
                component_ids: dish.parts.iter().map(|part| id(*part)).collect()
            })
        };
        world.set_clock(start);
        // What the menu before declared under the same id would count: nothing was the last that was declared of what says nothing.
        let said = |dish: &'_ Dish| if is_silent(dish) { Some(nothing.clone()) } else { dish.contents.clone() };
        put_all(world, self.dishes.iter().enumerate().map(|(at, dish)| item(at, said(dish).as_ref())).collect()).await;
        let may_contain = self.kitchen.iter().map(|code| (*code).to_owned()).collect();
        let kitchen = with!(DeclareKitchenRequest { venue_id: VENUE.into(), may_contain });
        world.catalogue().declare_kitchen(kitchen).await.expect("declared");
        world.set_clock(start + 1);
        let of = |what: &dyn Fn(&Dish) -> bool| -> Vec<usize> {
            (0..self.dishes.len()).filter(|at| what(&self.dishes[*at])).collect()
        };
        put_all(world, of(&is_silent).into_iter().map(|at| item(at, None)).collect()).await;
        let gone = of(&|dish| dish.is_gone).into_iter().map(id).collect();
        let remove = with!(RemoveItemsRequest { venue_id: VENUE.into(), item_ids: gone });
        world.catalogue().remove_items(remove).await.expect("removed");
        let changed: Vec<String> =
            of(&|dish| dish.is_stale).into_iter().filter(|at| !at.is_multiple_of(2)).map(id).collect();
        if !changed.is_empty() {
            let items = Some(with!(ItemSelection { item_ids: changed }));
            let mark = with!(MarkItemsChangedRequest { venue_id: VENUE.into(), items });
            world.catalogue().mark_items_changed(mark).await.expect("marked");
        }
        world.set_clock(start + 2);
    }

    /// What somebody orders, as they say it, and what is known of it.
    fn pick(&self, dice: &mut Dice) -> (String, Facts) {
        let at = dice.below(THINGS + UNLISTED + TWINS);
        if at >= THINGS + UNLISTED {
            let twin = at - THINGS - UNLISTED;
            let mut both = facts(&self.dishes, 2 + 2 * twin);
            both.add(facts(&self.dishes, 3 + 2 * twin));
            return (format!("twin {twin}"), both);
        }
        if at >= THINGS {
            return (dish_name(at), Facts::unlisted());
        }
        (if dice.one_in(2) { id(at) } else { dish_name(at) }, facts(&self.dishes, at))
    }

    /// A line, and what is known of it with all that is changed about it.
    pub fn line(&self, dice: &mut Dice, seats: &[&str]) -> (BasketLine, Facts) {
        let (item, mut all) = self.pick(dice);
        let mut modifiers = Vec::new();
        for _ in 0..dice.below(5).saturating_sub(2) {
            let (item, other) = self.pick(dice);
            let kinds = [ModifierKind::Added, ModifierKind::Exchanged, ModifierKind::LeftOut];
            let kind = kinds[dice.below(3)];
            if kind == ModifierKind::LeftOut && !other.is_unlisted {
                all.left_out.contains.extend(other.known.contains);
                all.stale_left_out.contains.extend(other.stale.contains);
            } else {
                all.put_in.contains.extend(&other.known.contains);
                all.stale_put_in.contains.extend(&other.stale.contains);
                all.add(other);
            }
            modifiers.push(BasketModifier { kind: kind as i32, item });
        }
        let seat = dice.of(seats).to_owned();
        (BasketLine { item, modifiers, quantity: i32::try_from(dice.below(5)).expect("few"), seat }, all)
    }
}
