//! The demo as a merchant sees it: started, killed, started again.

use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

/// A demo that does not outlive the test.
struct Demo {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Demo {
    fn start(folder: &Path) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tallyman"));
        // No faster: the time-outs of its calls run at this pace, too, and a busy machine must be able to answer within them.
        command
            .args(["demo", "--orders", "6", "--faults", "none", "--pace", "240", "--folder"])
            .arg(folder);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// Reads on to a line that holds this.
    fn says(&mut self, what: &str) -> String {
        let mut said = Vec::new();
        for line in self.lines.by_ref() {
            let line = line.unwrap();
            if line.contains(what) {
                return line;
            }
            said.push(line);
        }
        panic!("it ended without a word of `{what}`:\n{}", said.join("\n"));
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_demo_that_was_killed_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("demo");
    let mut first = Demo::start(&folder);
    first.says("Pull Tallyman's plug");
    // Two retailers are asked in turn, and either may be the first to have orders.
    let step = first.says(" is done");
    let reference = step
        .split_whitespace()
        .find_map(|word| word.strip_suffix(':').filter(|word| word.starts_with("VS-")));
    let reference = reference.unwrap_or_else(|| panic!("no order is named by: {step}")).to_owned();
    drop(first);

    let story = Command::new(env!("CARGO_BIN_EXE_tallyman"))
        .args(["journey", &reference, "--config"])
        .arg(folder.join("tallyman.toml"))
        .output()
        .unwrap();
    assert!(story.status.success(), "{}", String::from_utf8_lossy(&story.stderr));
    assert!(String::from_utf8_lossy(&story.stdout).contains(&reference));

    let mut second = Demo::start(&folder);
    second.says("still up");
    assert!(second.says("went the whole way").starts_with("6 orders came, 6 went"));
    assert!(second.says("auditors").ends_with("found nothing lost, nothing doubled."));
    assert!(second.child.wait().unwrap().success());
    assert!(!folder.join("twin.json").exists(), "its twin may go now");
}
