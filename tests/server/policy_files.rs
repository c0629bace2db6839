//! The policy as a YAML file: the samples, and the commands that check, set and print one.

use std::path::PathBuf;

use rapport::{cli::policy::yaml, grpc::normal_policy, proto::*};

use super::{
    command_line::{Shell, assert_ran},
    world::*,
};

on_both!(samples_are_kept_as_they_were_set);

const SAMPLES: [&str; 3] = ["hotel", "restaurant", "shop"];

fn sample(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("examples").join(name).join("policy.yaml")
}

fn read(name: &str) -> Policy {
    yaml::read(&std::fs::read_to_string(sample(name)).expect("a sample")).expect("a policy").policy
}

async fn samples_are_kept_as_they_were_set(world: World) {
    for name in SAMPLES {
        let request = SetPolicyRequest { policy: Some(read(name)) };
        world.policies().set_policy(request).await.expect(name);
        let request = GetPolicyRequest { version: 0 };
        let kept = world.policies().get_policy(request).await.expect(name).into_inner().policy.expect("a policy");
        let bare = Policy { version: 0, update_time: None, etag: String::new(), ..kept.clone() };
        assert_eq!(bare, normal_policy(read(name)).expect("valid"), "{name}: offline and on the server the same");
        let printed = yaml::write(&kept).expect("writes");
        assert_eq!(yaml::read(&printed).expect("reads").policy, bare, "{name}");
    }
}

#[test]
fn samples_pass_the_check() {
    let files = SAMPLES.map(|name| sample(name).display().to_string());
    let shell = Shell::new();
    let ran = shell.run(&["policy", "check", &files[0], &files[1], &files[2]]);
    assert_ran(&ran, 0, "policy.yaml: may be set");
    assert_eq!((ran.out.lines().count(), ran.err.as_str()), (SAMPLES.len(), ""));
}

#[test]
fn every_fault_of_a_file_is_told_with_its_line() {
    let shell = Shell::new();
    let bad = "owner: me\nvenues:\n  - venue_id: v\n    display_name: V\n    time_zone: Mars\n    currency_code: CHF\n\
               catalogue:\n  - gesture_type_id: a\n    display_name: A\n  - gesture_type_id: b b\n    display_name: B\n\
               drift: { expected_from: -1 }\n";
    shell.write("bad.yaml", &[]);
    std::fs::write(shell.folder.path().join("bad.yaml"), bad).expect("written");
    let ran = shell.run(&["policy", "check", "bad.yaml"]);
    assert_ran(&ran, 1, "");
    for fault in ["bad.yaml:5: venues[0].time_zone", "bad.yaml:10: catalogue[1].gesture_type_id", "bad.yaml:12: drift"]
    {
        assert!(ran.err.contains(fault), "{fault}: {}", ran.err);
    }
    std::fs::write(shell.folder.path().join("bad.yaml"), "owner: me\ncolour: red\n").expect("written");
    let ran = shell.run(&["policy", "check", "bad.yaml"]);
    assert!(ran.code == Some(1) && ran.err.contains("bad.yaml:2: colour is not a field"), "{}", ran.err);
    assert_ran(&shell.run(&["policy", "check", "missing.yaml"]), 1, "");
    assert_ran(&shell.run(&["policy", "check"]), 2, "");
}

#[test]
fn contents_that_nothing_is_known_of_are_noted_and_may_be_set() {
    let shell = Shell::new();
    let text = "owner: me\nvenues:\n  - { venue_id: v, display_name: V, time_zone: Europe/Zurich, currency_code: CHF }\n\
                catalogue:\n  - gesture_type_id: a\n    display_name: A\n    contents: [MILK, ALMOND_FLOUR, ALMNOD]\n";
    std::fs::write(shell.folder.path().join("slip.yaml"), text).expect("written");
    let ran = shell.run(&["policy", "check", "slip.yaml"]);
    assert_ran(&ran, 0, "slip.yaml: may be set");
    assert!(ran.err.starts_with("slip.yaml:7: catalogue[0].contents[2] note: no substance"), "{}", ran.err);
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
}

#[test]
fn food_without_contents_is_noted() {
    let shell = Shell::new();
    let text = "owner: me\nvenues:\n  - { venue_id: v, display_name: V, time_zone: Europe/Zurich, currency_code: CHF }\n\
                catalogue:\n  - gesture_type_id: a\n    display_name: Lemon sorbet\n  - gesture_type_id: b\n    \
                display_name: A better room\n";
    std::fs::write(shell.folder.path().join("bare.yaml"), text).expect("written");
    let ran = shell.run(&["policy", "check", "bare.yaml"]);
    assert_ran(&ran, 0, "bare.yaml: may be set");
    assert!(ran.err.starts_with("bare.yaml:6: catalogue[0].display_name note: its name says food"), "{}", ran.err);
    assert_eq!(ran.err.lines().count(), 1, "{}", ran.err);
}

#[test]
fn a_file_is_set_shown_and_read_back() {
    let shell = Shell::new();
    let hotel = sample("hotel").display().to_string();
    assert_ran(&shell.on_store(&["policy", "get"]), 1, "");
    let dry = shell.on_store(&["policy", "set", &hotel, "--dry-run"]);
    assert_ran(&dry, 0, "+owner: Head of Guest Relations");
    assert_ran(&shell.on_store(&["policy", "get"]), 1, "");
    assert_ran(&shell.on_store(&["policy", "set", &hotel]), 0, "version 1 is in force");
    let got = shell.on_store(&["policy", "get"]);
    assert_ran(&got, 0, "# Version 1.");
    std::fs::write(shell.folder.path().join("got.yaml"), &got.out).expect("written");
    assert_ran(&shell.on_store(&["policy", "set", "got.yaml"]), 0, "nothing changes; version 1 stays in force");
    let changed = got.out.replace("Head of Guest Relations", "Director of the house");
    std::fs::write(shell.folder.path().join("got.yaml"), &changed).expect("written");
    let set = shell.on_store(&["policy", "set", "got.yaml"]);
    assert_ran(&set, 0, "version 2 is in force");
    let lines = |sign: &str| -> Vec<&str> {
        set.out.lines().filter(|line| line.starts_with(sign) && !line.starts_with(&sign.repeat(3))).collect()
    };
    assert_eq!((lines("-").len(), lines("+").len()), (1, 1), "{}", set.out);
    assert!(lines("+")[0].contains("owner: Director of the house"));
    // A file that says what it was made from is refused once another is in force.
    let stale = format!("etag: AAAAAAAAAAAAAAAAAAAAAA\n{}", changed.replace("owner: Director", "owner: Head"));
    std::fs::write(shell.folder.path().join("got.yaml"), stale).expect("written");
    let refused = shell.on_store(&["policy", "set", "got.yaml"]);
    assert!(refused.code == Some(1) && refused.err.contains("ETAG_MISMATCH"), "{}", refused.err);
}
