//! Which module may use which, in this crate, in the Python binding and in the Rust service.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The layers of this crate, the lowest first: none uses one that comes after it.
const LAYERS: [&str; 3] = ["json", "postgres", "document"];

/// A module's path, `postgres::value`, and the modules that it uses.
type Uses = BTreeMap<String, BTreeSet<String>>;

/// What the modules of a crate use, tests excepted.
fn uses(source: &Path) -> Uses {
    let mut texts = BTreeMap::new();
    read(source, "", &mut texts);
    let modules: Vec<_> = texts.keys().cloned().collect();
    texts
        .iter()
        .map(|(module, text)| {
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            let lines: Vec<_> =
                code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
            let code = lines.join("\n");
            let used = code.split("crate::").skip(1).flat_map(paths).map(|path| {
                let is_used = |other: &&String| {
                    let rest = path.strip_prefix(other.as_str());
                    rest.is_some_and(|rest| {
                        !rest.starts_with(|next: char| next == '_' || next.is_alphanumeric())
                    })
                };
                let longest = modules.iter().filter(is_used).max_by_key(|other| other.len());
                longest
                    .unwrap_or_else(|| panic!("{module}: which module is crate::{path}?"))
                    .clone()
            });
            (module.clone(), used.collect())
        })
        .collect()
}

/// The paths in braces, or the one that there is.
fn paths(text: &str) -> Vec<&str> {
    match text.strip_prefix('{').and_then(|list| list.split_once('}')) {
        Some((list, _)) => list.split(',').map(str::trim).filter(|path| !path.is_empty()).collect(),
        None => vec![text],
    }
}

/// The same of whole folders: what their modules use of other ones.
fn folders(uses: Uses) -> Uses {
    let folder = |module: &str| module.split("::").next().unwrap_or_default().to_owned();
    let mut whole = Uses::new();
    for (module, used) in uses {
        let others =
            used.iter().map(|other| folder(other)).filter(|other| *other != folder(&module));
        whole.entry(folder(&module)).or_default().extend(others);
    }
    whole
}

/// Reads the modules in a folder, which is that of the module `parent`.
fn read(folder: &Path, parent: &str, texts: &mut BTreeMap<String, String>) {
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        if stem == "lib" || stem == "tests" {
            continue;
        }
        let module = if parent.is_empty() { stem.into() } else { format!("{parent}::{stem}") };
        if path.is_dir() {
            read(&path, &module, texts);
        } else {
            texts.insert(module, std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// The modules that use one another in circles, if there are any. A module may use those that it is in.
fn circle(uses: &Uses) -> Option<Vec<String>> {
    let mut left = uses.clone();
    for (module, used) in &mut left {
        used.retain(|other| !format!("{module}::").starts_with(&format!("{other}::")));
    }
    // What uses nothing, or is used by nothing, is in no circle.
    let is_end = |left: &Uses, module: &String| {
        left[module].is_empty() || !left.values().any(|used| used.contains(module))
    };
    while let Some(end) = left.keys().find(|module| is_end(&left, module)).cloned() {
        left.remove(&end);
        for used in left.values_mut() {
            used.remove(&end);
        }
    }
    (!left.is_empty()).then(|| left.into_keys().collect())
}

fn core() -> Uses {
    uses(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
}

fn binding() -> Uses {
    uses(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../src"))
}

/// By folder, for a module of the service and those below it use each other by other names than `crate`.
fn service() -> Uses {
    folders(uses(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../rust_service/src")))
}

#[test]
fn no_layer_uses_one_above_it() {
    let layer = |module: &str| {
        let name = module.split("::").next().unwrap();
        LAYERS.iter().position(|layer| *layer == name).unwrap_or_else(|| panic!("{name}: no layer"))
    };
    for (module, used) in core() {
        for other in used {
            assert!(layer(&other) <= layer(&module), "{module} uses {other}");
        }
    }
}

#[test]
fn no_modules_use_one_another_in_a_circle() {
    assert_eq!(circle(&core()), None);
    assert_eq!(circle(&binding()), None);
    assert_eq!(circle(&service()), None);
}

#[test]
fn a_circle_is_told_from_a_chain() {
    let uses = |pairs: &[(&str, &[&str])]| -> Uses {
        let owned = |names: &[&str]| names.iter().map(|&name| name.into()).collect();
        pairs.iter().map(|(module, used)| ((*module).into(), owned(used))).collect()
    };
    let chain = uses(&[("a", &["b", "c"]), ("b", &["c"]), ("c", &[])]);
    assert_eq!(circle(&chain), None);
    let round =
        uses(&[("a", &["b"]), ("b", &["c"]), ("c", &["a", "d"]), ("d", &[]), ("e", &["a"])]);
    assert_eq!(circle(&round), Some(["a", "b", "c"].map(String::from).into()));
    let within = uses(&[("a", &["a::b"]), ("a::b", &["a"])]);
    assert_eq!(circle(&within), None);
}
