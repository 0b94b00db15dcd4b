use crate::common::{Home, ccx, run};

#[test]
fn a_ca_is_made_and_found_sound() {
    let home = Home::new();
    home.init().ccx(&["ca", "check"]).assert().success();
    let mut version = ccx(home.path());
    assert!(run(version.arg("--version")).stdout.starts_with("ccx-sec "));
}
