//! Runs the commands of the guide's chapter on volumes in the guest.

use crate::common::guest::Guest;
use crate::project::readme::{Step, page, shape, steps};

#[test]
#[ignore = "needs tests/run"]
fn guide_of_volumes_does_what_it_says() {
    let steps = steps(&page("man/guide/volumes.md"), "sh-session");
    assert!(steps.len() > 12, "the commands of the guide were not found");
    follow(&steps);
}

#[test]
#[ignore = "needs tests/run"]
fn readme_encrypts_a_disk() {
    let steps = steps(&page("README.md"), "sh-session");
    assert!(steps.len() > 2, "the commands of the README were not found");
    follow(&steps);
}

/// Runs the steps in a guest, and compares what each prints.
fn follow(steps: &[Step]) {
    // The disks of the guest have other names than in the guide.
    let here = |text: &str| text.replace("/dev/vdb", "/dev/ubdb").replace("vdb:", "ubdb:");
    let mut script = "
        export CCX_SEC_STORE=dir:/run/store CCX_SEC_JOURNAL=/run/journal
        echo db-6ae82 >/proc/sys/kernel/hostname
        mount -t tmpfs tmpfs /srv
        ccx-sec() { \"$CCX\" \"$@\"; }
        "
    .to_owned();
    for (number, Step { command, .. }) in steps.iter().enumerate() {
        let command = here(command).replace('\'', "'\\''");
        script += &format!("command='{command}'; check step-{number} eval \"$command\"\n");
    }
    let guest = Guest::new();
    guest.done(&script);
    for (number, Step { command, expected }) in steps.iter().enumerate() {
        let run = guest.check(&format!("step-{number}"));
        assert_eq!(run.code, 0, "{command}: {}{}", run.stdout, run.stderr);
        let columns = |text: &str| {
            let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
            text.lines().map(words).collect::<Vec<_>>().join("\n")
        };
        // Printed commands name store and journal, because the environment does.
        let said = columns(&run.stdout)
            .replace(" --store dir:/run/store", "")
            .replace(" --journal /run/journal", "");
        match expected.strip_prefix("...\n") {
            Some(end) => assert!(said.ends_with(end.trim_end()), "{command}: {said}"),
            None => {
                let expected = columns(&here(expected));
                assert_eq!(
                    shape(&said, "no namespace"),
                    shape(&expected, "no namespace"),
                    "{command}"
                );
                assert_eq!(run.stderr, "", "{command}");
            }
        }
    }
}
