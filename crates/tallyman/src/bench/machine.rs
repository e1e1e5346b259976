//! What a bench ran on: figures of one machine say nothing about another.

use tallyman_core::time::{Timestamp, Zone};

/// The date and the machine, in one line. What the system does not tell is left out.
pub fn in_words(now: Timestamp) -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let mut words = vec![format!("{} UTC", now.local_in(&Zone::utc()))];
    if let Ok(cores) = std::thread::available_parallelism() {
        words.push(format!("{cores} cores"));
    }
    words.extend(memory(&read("/proc/meminfo")));
    words.extend(kernel(&read("/proc/sys/kernel/osrelease")));
    words.extend(load(&read("/proc/loadavg")));
    words.join(", ")
}

fn memory(text: &str) -> Option<String> {
    let total = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: f64 = total.split_whitespace().next()?.parse().ok()?;
    Some(format!("{:.1} GB of memory", kib * 1024.0 / 1e9))
}

fn kernel(text: &str) -> Option<String> {
    let release = text.trim();
    (!release.is_empty()).then(|| format!("Linux {release}"))
}

/// At the end of the run, so its own work is in it; well above the cores, others were at work too.
fn load(text: &str) -> Option<String> {
    let minute = text.split_whitespace().next()?;
    Some(format!("load {minute} in the last minute"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_system_says_is_read_and_nonsense_is_left_out() {
        let text = "MemTotal:       24659452 kB\nMemFree:        1 kB\n";
        assert_eq!(memory(text).as_deref(), Some("25.3 GB of memory"));
        assert_eq!(kernel("6.1.0-18-amd64\n").as_deref(), Some("Linux 6.1.0-18-amd64"));
        assert_eq!(
            load("0.42 0.10 0.05 1/99 4242\n").as_deref(),
            Some("load 0.42 in the last minute")
        );
        assert_eq!((memory("MemTotal: much"), kernel(""), load("")), (None, None, None));
    }
}
