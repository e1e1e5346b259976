//! What cargo knows about the packages of the workspace and all they depend on, as far as the checks need it.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::run;

#[derive(Deserialize)]
pub struct Metadata {
    pub packages: Vec<Package>,
    pub workspace_members: Vec<String>,
    pub resolve: Resolve,
}

#[derive(Deserialize)]
pub struct Package {
    pub id: String,
    pub name: String,
    pub version: String,
    pub license: Option<String>,
    pub dependencies: Vec<Dependency>,
    pub features: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
pub struct Dependency {
    pub name: String,
    /// `None` for an ordinary dependency, else `dev` or `build`.
    pub kind: Option<String>,
    #[serde(default)]
    pub features: Vec<String>,
}

#[derive(Deserialize)]
pub struct Resolve {
    pub nodes: Vec<Node>,
}

#[derive(Deserialize)]
pub struct Node {
    pub id: String,
    pub deps: Vec<Link>,
}

#[derive(Deserialize)]
pub struct Link {
    pub pkg: String,
    pub dep_kinds: Vec<Kind>,
}

#[derive(Deserialize)]
pub struct Kind {
    pub kind: Option<String>,
}

impl Metadata {
    /// Asks cargo, with the lock file as it stands.
    pub fn load() -> Result<Self> {
        let mut command = run::cargo(&["metadata", "--format-version", "1", "--locked"]);
        command.current_dir(run::root()?);
        serde_json::from_str(&run::output(command)?).context("cargo metadata could not be read")
    }

    /// The packages of the workspace.
    pub fn ours(&self) -> impl Iterator<Item = &Package> {
        self.packages
            .iter()
            .filter(|package| self.workspace_members.contains(&package.id))
    }

    /// All packages that an ordinary build of this one compiles, by name, each with the one that brings it.
    pub fn built_with(&self, package: &Package) -> BTreeMap<String, String> {
        let names: BTreeMap<&str, &str> = self.packages.iter().map(|one| (one.id.as_str(), one.name.as_str())).collect();
        let nodes: BTreeMap<&str, &Node> = self.resolve.nodes.iter().map(|node| (node.id.as_str(), node)).collect();
        let mut found = BTreeMap::new();
        let mut open = vec![package.id.as_str()];
        while let Some(id) = open.pop() {
            let Some(node) = nodes.get(id) else { continue };
            for link in node
                .deps
                .iter()
                .filter(|link| link.dep_kinds.iter().any(|kind| kind.kind.is_none()))
            {
                let name = names.get(link.pkg.as_str()).copied().unwrap_or(link.pkg.as_str());
                if !found.contains_key(name) {
                    found.insert(name.to_owned(), names.get(id).copied().unwrap_or(id).to_owned());
                    open.push(&link.pkg);
                }
            }
        }
        found
    }
}
