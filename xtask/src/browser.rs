//! The browser of the tests: Chromium, its driver, and axe-core, which looks at a page as somebody does who cannot see it.
//!
//! Chromium is taken from where a variable says, else from what is installed, else from the cache, else from Debian's packages into the
//! cache. The last needs no root and changes nothing of the machine. Such a Chromium is two small scripts, which say where its
//! libraries are and which fonts it has, the same on every machine.
//!
//! Not here: what is opened in it (`crates/tests/tests/browser`).

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::apt;
use crate::run::{self, Stopwatch};

/// Where tests find the browser and its driver; set by hand, both are used as they are.
pub const CHROMIUM: &str = "TALLYMAN_TEST_CHROMIUM";
pub const DRIVER: &str = "TALLYMAN_TEST_CHROMEDRIVER";

/// The shell without windows first: it is smaller, and starts faster.
const BROWSERS: [&str; 4] = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"];
const DRIVERS: [&str; 1] = ["chromedriver"];

/// The first brings what it needs. The driver does not: it would bring a second, whole Chromium. The fonts are for what a page writes in
/// the system's typeface.
const PACKAGES: [&str; 4] = [
    "chromium-headless-shell",
    "chromium-common",
    "chromium-driver",
    "fonts-dejavu-core",
];

const INSTALL: &str = "Install Chromium and its chromedriver, both of one version (Debian: `chromium` and `chromium-driver`; Fedora: \
    `chromium` and `chromedriver`; Alpine: `chromium` and `chromium-chromedriver`)";

/// A browser and the driver that goes with it.
#[derive(Debug)]
pub struct Browser {
    pub chromium: PathBuf,
    pub driver: PathBuf,
}

/// The browser to test with; it is fetched if there is none.
pub fn provide() -> Result<Browser> {
    match (run::given(CHROMIUM), run::given(DRIVER)) {
        (Some(chromium), Some(driver)) => {
            let (chromium, driver) = (chromium.into(), driver.into());
            return Ok(Browser { chromium, driver });
        }
        (None, None) => {}
        (_, _) => bail!("{CHROMIUM} and {DRIVER} go together: name both, or neither"),
    }
    if let Some(installed) = installed() {
        println!("── browser: {}", installed.named()?);
        return Ok(installed);
    }
    let folder = run::cache("browser")?;
    let cached = Browser::of(&folder.join("chromium"));
    if cached.fits().is_ok() {
        println!("── browser: {}, from {}", cached.named()?, folder.display());
        return Ok(cached);
    }
    if !apt::is_here() {
        bail!(
            "a browser for the tests is missing, and there is no apt-get to fetch it with. {INSTALL}, or name them in {CHROMIUM} and {DRIVER}"
        );
    }
    fetch(&folder)
        .with_context(|| format!("the tests' browser could not be fetched. {INSTALL}, or name them in {CHROMIUM} and {DRIVER}"))
}

impl Browser {
    /// As [`fetch`] leaves it in a folder.
    fn of(folder: &Path) -> Self {
        Self {
            chromium: folder.join("chromium"),
            driver: folder.join("chromedriver"),
        }
    }

    fn named(&self) -> Result<String> {
        version(&self.chromium)
    }

    /// Whether both start (a missing library shows here) and are of one version.
    fn fits(&self) -> Result<()> {
        let (chromium, driver) = (version(&self.chromium)?, version(&self.driver)?);
        if major(&chromium).is_none() || major(&chromium) != major(&driver) {
            bail!("{chromium} and {driver} are not of one version");
        }
        Ok(())
    }
}

/// What the search path has, if a browser and the driver there are of one version.
fn installed() -> Option<Browser> {
    let driver = DRIVERS.iter().find_map(|name| run::on_search_path(name))?;
    let candidates = BROWSERS.iter().filter_map(|name| run::on_search_path(name));
    let mut browsers = candidates.map(|chromium| Browser {
        chromium,
        driver: driver.clone(),
    });
    browsers.find(|browser| browser.fits().is_ok())
}

/// Fetched beside its place and moved there when it is whole: whoever else fetches it now sees all of it or nothing.
fn fetch(folder: &Path) -> Result<Browser> {
    let watch = Stopwatch::start();
    println!(
        "── the tests' browser is missing: fetching Debian's packages into {}",
        folder.display()
    );
    std::fs::create_dir_all(folder).with_context(|| format!("{} could not be made", folder.display()))?;
    let work = run::folder_in(folder)?;
    let (place, fresh) = (folder.join("chromium"), work.path().join("chromium"));
    let root = fresh.join("root");
    apt::unpack(&PACKAGES, work.path(), &root)?;
    for (name, program) in [
        ("chromium", "usr/lib/chromium/chromium-headless-shell"),
        ("chromedriver", "usr/bin/chromedriver"),
    ] {
        if !root.join(program).is_file() {
            bail!("Debian's packages hold no {program}");
        }
        script(&fresh.join(name), program)?;
    }
    std::fs::write(fresh.join("fonts.conf"), fonts(&place)).context("fonts.conf could not be written")?;
    Browser::of(&fresh).fits()?;
    let browser = Browser::of(&place);
    // What is there does not start, or we had not come so far; unless somebody else has just put a whole one there.
    if browser.fits().is_err() {
        if place.exists() {
            std::fs::remove_dir_all(&place).with_context(|| format!("{} could not be removed", place.display()))?;
        }
        std::fs::rename(&fresh, &place).with_context(|| format!("{} could not be put in its place", place.display()))?;
    }
    println!("   {} fetched in {watch}", browser.named()?);
    Ok(browser)
}

/// A program of the fetched root, with the libraries that came with it.
fn script(path: &Path, program: &str) -> Result<()> {
    let text = format!(
        r#"#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
root=$here/root
libraries=
for folder in "$root"/usr/lib/*-linux-gnu* "$root"/lib/*-linux-gnu* "$root"/usr/lib/*-linux-gnu*/pulseaudio; do
    [ -d "$folder" ] && libraries=$libraries${{libraries:+:}}$folder
done
export LD_LIBRARY_PATH="$libraries"
export FONTCONFIG_FILE="$here/fonts.conf"
exec "$root/{program}" "$@"
"#
    );
    let written = std::fs::write(path, text).and_then(|()| std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)));
    written.with_context(|| format!("{} could not be written", path.display()))
}

/// The fonts that came with the browser and no others, so that a picture does not depend on the machine.
fn fonts(place: &Path) -> String {
    let place = place.display().to_string().replace('&', "&amp;").replace('<', "&lt;");
    let alias = |asked: &str, given: &str| {
        format!("<alias binding=\"same\"><family>{asked}</family><prefer><family>{given}</family></prefer></alias>\n")
    };
    let aliases = [
        alias("sans-serif", "DejaVu Sans"),
        alias("system-ui", "DejaVu Sans"),
        alias("serif", "DejaVu Serif"),
        alias("monospace", "DejaVu Sans Mono"),
    ];
    format!(
        "<?xml version=\"1.0\"?>\n<!DOCTYPE fontconfig SYSTEM \"fonts.dtd\">\n<fontconfig>\n<dir>{place}/root/usr/share/fonts</dir>\n\
         <cachedir>{place}/fonts</cachedir>\n{}</fontconfig>\n",
        aliases.concat()
    )
}

/// What a program says of itself, for example `Chromium 156.0.8078.79`.
fn version(program: &Path) -> Result<String> {
    let mut command = Command::new(program);
    command.arg("--version");
    let said = run::output(command)?;
    Ok(said.split(" (").next().unwrap_or_default().trim().to_owned())
}

fn major(version: &str) -> Option<u32> {
    let number = version
        .split(' ')
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    number.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(folder: &Path, name: &str, says: &str) {
        let path = folder.join(name);
        std::fs::write(&path, format!("#!/bin/sh\necho '{says}'\n")).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    }

    #[test]
    fn a_browser_and_a_driver_of_different_versions_do_not_go_together() {
        let folder = tempfile::tempdir().unwrap();
        let browser = Browser::of(folder.path());
        assert!(browser.fits().is_err(), "there is none");
        program(
            folder.path(),
            "chromium",
            "Chromium 156.0.8078.79 built on Debian GNU/Linux 12",
        );
        program(
            folder.path(),
            "chromedriver",
            "ChromeDriver 156.0.8079.1 (a21c-refs/branch-heads/8078@{#1704})",
        );
        browser.fits().unwrap();
        assert_eq!(version(&browser.driver).unwrap(), "ChromeDriver 156.0.8079.1");
        program(folder.path(), "chromedriver", "ChromeDriver 150.0.7000.1 (a21c)");
        let error = browser.fits().unwrap_err().to_string();
        assert!(error.contains("156") && error.contains("150"), "{error}");
    }

    #[test]
    fn what_says_no_version_is_no_browser() {
        let folder = tempfile::tempdir().unwrap();
        program(folder.path(), "chromium", "This needs a snap to be installed");
        program(folder.path(), "chromedriver", "This needs a snap to be installed");
        assert!(Browser::of(folder.path()).fits().is_err());
    }
}
