//! The machine that a worker runs on, as far as the system tells.

use std::path::PathBuf;

use tallyman_engine::parts::Machine;

pub struct ThisMachine {
    name: String,
    /// Where the database's file lies; none where the database is a server's.
    folder: Option<PathBuf>,
}

impl ThisMachine {
    pub fn new(folder: Option<PathBuf>) -> Self {
        let name = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let folder = folder.map(|folder| {
            if folder.as_os_str().is_empty() {
                PathBuf::from(".")
            } else {
                folder
            }
        });
        Self { name, folder }
    }
}

impl Machine for ThisMachine {
    fn name(&self) -> &str {
        &self.name
    }

    fn free_disk_bytes(&self) -> Option<u64> {
        let stands = rustix::fs::statvfs(self.folder.as_ref()?).ok()?;
        // What is left for everybody, not only for the superuser.
        Some(stands.f_bavail.saturating_mul(stands.f_frsize))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_says_how_much_room_is_left_where_a_file_lies_and_nothing_of_a_server() {
        let folder = tempfile::tempdir().expect("a folder");
        let here = ThisMachine::new(Some(folder.path().to_owned()));
        assert!(here.free_disk_bytes().is_some_and(|free| free > 0) && !here.name().is_empty());
        assert_eq!(ThisMachine::new(None).free_disk_bytes(), None);
    }
}
