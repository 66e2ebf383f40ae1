//! Reads the languages beside this file and writes the keys and the tables of texts.
//!
//! Rule: `en.toml` says which texts there are. A text that another language lacks is English there, with a warning; a key
//! that English lacks, or other `{placeholders}`, stop the build with one sentence.
#![allow(clippy::expect_used, clippy::panic, reason = "a build script stops by panicking")]

use std::{
    collections::BTreeMap,
    env,
    fmt::Write,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::{Path, PathBuf},
};

use toml::Table;

/// What no page shows: the browser does not get it.
const SERVER_ONLY: [&str; 2] = ["mail", "server"];

/// Section and name of a text.
type Texts = BTreeMap<(String, String), String>;

struct Language {
    tag: String,
    name: String,
    direction: String,
    texts: Texts,
}

fn main() {
    let folder = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    println!("cargo:rerun-if-changed={}", folder.display());
    let mut languages: Vec<Language> = files(&folder).iter().map(|file| read(file)).collect();
    languages.sort_by_key(|language| (language.tag != "en", language.tag.clone()));
    let english = languages.first().filter(|first| first.tag == "en").map(|first| first.texts.clone());
    let english =
        english.unwrap_or_else(|| panic!("locales/en.toml is missing: it says which texts there are"));
    for language in &mut languages {
        complete(language, &english);
    }
    if env::var_os("CARGO_FEATURE_PSEUDO").is_some() {
        languages.push(pseudo(&english));
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("keys.rs"), keys(&english)).expect("the target folder can be written");
    for language in &languages {
        let json = json(&language.texts);
        let compressed = brotli(json.as_bytes());
        fs::write(out.join(format!("{}.json", language.tag)), json)
            .expect("the target folder can be written");
        fs::write(out.join(format!("{}.json.br", language.tag)), compressed)
            .expect("the target folder can be written");
    }
    fs::write(out.join("languages.rs"), tables(&languages)).expect("the target folder can be written");
}

/// What the browser gets: a list, in the order of the keys.
fn json(texts: &Texts) -> String {
    let shown = texts.iter().map(|((section, _), text)| match SERVER_ONLY.contains(&section.as_str()) {
        true => "",
        false => text.as_str(),
    });
    serde_json::to_string(&shown.collect::<Vec<_>>()).expect("texts are JSON")
}

fn brotli(content: &[u8]) -> Vec<u8> {
    let mut compressed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, ..Default::default() };
    brotli::BrotliCompress(&mut &content[..], &mut compressed, &parameters).expect("memory takes it");
    compressed
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder of this file can be read");
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let is_language = |path: &PathBuf| {
        path.extension().is_some_and(|extension| extension == "toml")
            && path.file_name().is_some_and(|name| name != "Cargo.toml")
    };
    paths.filter(is_language).collect()
}

fn read(file: &Path) -> Language {
    let tag = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("locales/{tag}.toml: {error}"));
    let mut table: Table = text.parse().unwrap_or_else(|error| panic!("locales/{tag}.toml: {error}"));
    let about = table.remove("language");
    let about = |name: &str| {
        let value = about.as_ref().and_then(|about| about.get(name)?.as_str());
        value.map(str::to_owned).unwrap_or_else(|| panic!("locales/{tag}.toml: [language] lacks `{name}`"))
    };
    let (name, direction) = (about("name"), about("direction"));
    assert!(
        ["ltr", "rtl"].contains(&direction.as_str()),
        "locales/{tag}.toml: `direction` is \"ltr\" or \"rtl\", not \"{direction}\""
    );
    let mut texts = Texts::new();
    for (section, content) in table {
        let content =
            content.as_table().unwrap_or_else(|| panic!("locales/{tag}.toml: `{section}` is in no section"));
        for (key, text) in content {
            let text =
                text.as_str().unwrap_or_else(|| panic!("locales/{tag}.toml: {section}.{key} is no text"));
            texts.insert((section.clone(), key.clone()), text.to_owned());
        }
    }
    Language { tag, name, direction, texts }
}

/// Takes English where there is no text, and refuses what English does not know.
fn complete(language: &mut Language, english: &Texts) {
    let tag = &language.tag;
    for ((section, key), text) in &language.texts {
        let Some(original) = english.get(&(section.clone(), key.clone())) else {
            panic!("locales/{tag}.toml: {section}.{key} is not in locales/en.toml, so nothing shows it");
        };
        let (here, there) = (placeholders(text), placeholders(original));
        assert!(
            here == there,
            "locales/{tag}.toml: {section}.{key} has the placeholders {here:?}, in locales/en.toml it has {there:?}"
        );
    }
    for ((section, key), text) in english {
        language.texts.entry((section.clone(), key.clone())).or_insert_with(|| {
            println!("cargo:warning=locales/{tag}.toml lacks {section}.{key}: people read it in English");
            text.clone()
        });
    }
}

fn placeholders(text: &str) -> Vec<&str> {
    let mut found: Vec<_> =
        text.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name).collect();
    found.sort_unstable();
    found
}

fn pseudo(english: &Texts) -> Language {
    let texts = english.iter().map(|(id, text)| (id.clone(), format!("⟦{text}⟧"))).collect();
    Language { tag: "en-XA".to_owned(), name: "⟦Pseudo⟧".to_owned(), direction: "ltr".to_owned(), texts }
}

fn keys(english: &Texts) -> String {
    let mut code = String::new();
    let mut open: Option<&str> = None;
    for (number, ((section, key), text)) in english.iter().enumerate() {
        if open != Some(section) {
            if open.is_some() {
                code += "}\n";
            }
            let _ = writeln!(code, "/// Section `{section}`.\npub mod {section} {{\n    use super::Key;");
            open = Some(section);
        }
        let text = text.replace('\n', " ");
        let _ =
            writeln!(code, "    /// {text:?}\n    pub const {}: Key = Key({number});", key.to_uppercase());
    }
    code + "}\n"
}

fn tables(languages: &[Language]) -> String {
    let mut code = format!("/// English first.\npub static LANGUAGES: [Language; {}] = [\n", languages.len());
    for Language { tag, name, direction, texts } in languages {
        let direction = if direction == "rtl" { "Rtl" } else { "Ltr" };
        let _ =
            write!(code, "    Language {{ tag: {tag:?}, name: {name:?}, direction: Direction::{direction}, ");
        let mut hasher = DefaultHasher::new();
        texts.hash(&mut hasher);
        let path = format!("/texts/{tag}.{:016x}.json", hasher.finish());
        let included = |suffix: &str| format!("/{tag}.json{suffix}");
        let _ = write!(
            code,
            "#[cfg(feature = \"texts\")] file: TextFile {{ path: {path:?}, \
             json: include_bytes!(concat!(env!(\"OUT_DIR\"), {:?})), \
             brotli: include_bytes!(concat!(env!(\"OUT_DIR\"), {:?})) }}, ",
            included(""),
            included(".br")
        );
        code += "#[cfg(feature = \"texts\")] texts: &[\n";
        for text in texts.values() {
            let _ = writeln!(code, "        {text:?},");
        }
        code += "    ] },\n";
    }
    code + "];\n"
}
