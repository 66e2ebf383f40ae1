//! Brotli and gzip copies beside a file. Rule: text and wasm of at least 256 bytes, at the highest
//! level, because it happens once and is read many times.

use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::failure::{Failure, Result};
use crate::files::{read_bytes, write_if_changed};

const COMPRESSIBLE: [&str; 9] = ["css", "html", "js", "json", "svg", "txt", "wasm", "webmanifest", "xml"];
/// Below this the header of a compressed answer costs more than it saves.
const SMALLEST: usize = 256;

/// Writes `FILE.br` and `FILE.gz` where they are worth it. `hash.txt` is for the server only.
pub fn beside(file: &Path) -> Result {
    let kind = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let content = read_bytes(file)?;
    if !COMPRESSIBLE.contains(&kind) || content.len() < SMALLEST {
        return Ok(());
    }
    write_if_changed(&with_suffix(file, "br"), &brotli(&content)?)?;
    write_if_changed(&with_suffix(file, "gz"), &gzip(&content)?)?;
    Ok(())
}

/// Brotli, quality 11.
pub fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    let mut output = Vec::new();
    brotli::BrotliCompress(&mut &content[..], &mut output, &parameters)
        .map_err(Failure::because("brotli"))?;
    Ok(output)
}

/// gzip, level 9.
pub fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).and_then(|()| encoder.finish()).map_err(Failure::because("gzip"))
}

fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(format!(".{suffix}"));
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::{beside, brotli};

    #[test]
    fn small_and_binary_files_are_left_alone() {
        let folder = std::env::temp_dir().join(format!("xtask-compress-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for (name, size) in [("a.css", 255), ("b.css", 256), ("c.png", 999)] {
            std::fs::write(folder.join(name), vec![b'x'; size]).unwrap();
            beside(&folder.join(name)).unwrap();
        }
        let compressed = |name: &str| {
            folder.join(format!("{name}.br")).exists() && folder.join(format!("{name}.gz")).exists()
        };
        assert!(!compressed("a.css") && compressed("b.css") && !compressed("c.png"));
        std::fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn brotli_comes_back_the_same() {
        let mut back = Vec::new();
        brotli::BrotliDecompress(&mut brotli(b"hello hello hello").unwrap().as_slice(), &mut back).unwrap();
        assert_eq!(back, b"hello hello hello");
    }
}
