//! Percentages and volumes in the name of a drink: they tell of alcohol, or of something else.

use super::{
    basket::{called, order, states},
    catalogue::{item, put},
    staff_texts::{SILENT, diet, told_of},
    world::*,
};

on_both!(numbers_of_a_drink_tell_of_alcohol, other_numbers_tell_of_none);

async fn numbers_of_a_drink_tell_of_alcohol(world: World) {
    for name in [
        "Hausbrand 42% vol",
        "Williams 4 cl",
        "Willi 40°",
        "Marc 2cl 40%",
        "virgin colada 5%",
        "ginger beer 4%",
        "beer 0.0% 4.5%",
        "gin 0,0 % tonic 5%",
        "rum 0.0 % 40 %",
        "Bier 0.0 l",
    ] {
        let briefing = told_of(&world, diet("HALAL"), vec![order(name)]).await;
        assert_eq!(states(&briefing), ["CONFLICT"], "{name}");
    }
}

async fn other_numbers_tell_of_none(world: World) {
    let names = [
        "72% chocolate",
        "Milk 3.5%",
        "100% Arabica",
        "Orangensaft 4 cl",
        "Espresso 4 cl",
        "beer 0.0%",
        "Bier 0,0 % 0,5 l",
        "Shirt 20% off",
        "Egg 63°",
        "50% discount",
        "happy hour 50% cola",
        "Voucher 30%",
    ];
    put(&world, names.iter().enumerate().map(|(at, name)| called(&[*name], item(&format!("i{at}"), &[]))).collect())
        .await;
    for name in names {
        let briefing = told_of(&world, diet("HALAL"), vec![order(name)]).await;
        assert_eq!(states(&briefing), [SILENT], "{name}");
    }
}
