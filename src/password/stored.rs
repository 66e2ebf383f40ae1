//! Hashes as they are stored: ours, and those that came along from other software. Argon2, scrypt and PBKDF2 as PHC
//! strings, bcrypt as it has always been written, and what Django makes of Argon2 and PBKDF2.
//!
//! Rule: a row must not stop the server, so parameters have caps; what is above them fits no password. The caps are
//! above what OWASP, Django and the authors of the algorithms recommend.

use argon2::{Algorithm, Argon2, Version};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use pbkdf2::pbkdf2_hmac;
use sha2::{Sha256, Sha512};
use subtle::ConstantTimeEq;

use super::hasher::{LANES, MEMORY, PASSES};

/// KiB: OWASP's parameters for scrypt need that much.
const MAX_MEMORY: u32 = 128 * 1024;
/// KiB that are written in all, over and over.
const MAX_WORK: u64 = 512 * 1024;
const MAX_PBKDF2_ROUNDS: u32 = 2_000_000;
/// 2¹⁴ rounds take about a second.
const MAX_BCRYPT_COST: u32 = 14;

/// A hash that was read.
pub(super) enum StoredHash {
    /// Only its first 72 bytes count, as everywhere: that is why none is made here.
    Bcrypt(String),
    /// What is derived from password and salt must be the hash.
    Derived { scheme: Scheme, salt: Vec<u8>, hash: Vec<u8> },
}

/// How a hash is derived.
pub(super) enum Scheme {
    Argon2 { algorithm: Algorithm, version: Version, memory: u32, passes: u32, lanes: u32 },
    Scrypt { log_n: u8, r: u32, p: u32 },
    Pbkdf2Sha256 { rounds: u32 },
    Pbkdf2Sha512 { rounds: u32 },
}

impl StoredHash {
    /// `None` for what is no hash, or one that would cost too much.
    pub(super) fn parse(text: &str) -> Option<Self> {
        // Django writes `argon2$argon2id$…`.
        let text = text.strip_prefix("argon2").unwrap_or(text);
        let fields: Vec<&str> = text.split('$').collect();
        match *fields.as_slice() {
            ["", "2a" | "2b" | "2y", cost, _] => {
                let is_bearable = cost.parse().is_ok_and(|cost: u32| (4..=MAX_BCRYPT_COST).contains(&cost));
                is_bearable.then(|| Self::Bcrypt(text.to_owned()))
            }
            ["", id, version, parameters, salt, hash] => {
                let version = version.strip_prefix("v=")?.parse::<u32>().ok()?;
                Self::derived(Scheme::argon2(id, version, parameters)?, decode(salt)?, hash)
            }
            ["", id @ ("argon2i" | "argon2d" | "argon2id"), parameters, salt, hash] => {
                Self::derived(Scheme::argon2(id, 0x10, parameters)?, decode(salt)?, hash)
            }
            ["", "scrypt", parameters, salt, hash] => {
                Self::derived(Scheme::scrypt(parameters)?, decode(salt)?, hash)
            }
            ["", id @ ("pbkdf2-sha256" | "pbkdf2-sha512"), parameters, salt, hash] => {
                // passlib writes the number alone.
                let rounds = parameter(parameters, "i=").or_else(|| parameters.parse().ok())?;
                Self::derived(Scheme::pbkdf2(id, rounds)?, decode(salt)?, hash)
            }
            // Django's salt is a text.
            [id @ ("pbkdf2_sha256" | "pbkdf2_sha512"), rounds, salt, hash] => {
                Self::derived(Scheme::pbkdf2(id, rounds.parse().ok()?)?, salt.as_bytes().to_vec(), hash)
            }
            _ => None,
        }
    }

    /// Too short a hash would fit many passwords, an empty one all (CR-04).
    fn derived(scheme: Scheme, salt: Vec<u8>, hash: &str) -> Option<Self> {
        let hash = decode(hash)?;
        let is_sound = (8..=64).contains(&salt.len()) && (16..=64).contains(&hash.len());
        is_sound.then_some(Self::Derived { scheme, salt, hash })
    }

    /// Whether it is as we would make it now.
    pub(super) fn is_current(&self) -> bool {
        let Self::Derived { scheme: Scheme::Argon2 { algorithm, version, memory, passes, lanes }, .. } = self
        else {
            return false;
        };
        (algorithm, version) == (&Algorithm::Argon2id, &Version::V0x13)
            && (*memory, *passes, *lanes) == (MEMORY, PASSES, LANES)
    }

    /// What checking it takes, in KiB.
    pub(super) fn memory(&self) -> u32 {
        match self {
            Self::Derived { scheme: Scheme::Argon2 { memory, .. }, .. } => *memory,
            Self::Derived { scheme: Scheme::Scrypt { log_n, r, .. }, .. } => r << log_n >> 3,
            _ => 1,
        }
    }

    /// Whether that is the password.
    pub(super) fn fits(&self, password: &str) -> bool {
        match self {
            Self::Bcrypt(hash) => bcrypt::verify(password, hash).unwrap_or(false),
            Self::Derived { scheme, salt, hash } => {
                let mut derived = vec![0; hash.len()];
                let is_derived = scheme.derive(password.as_bytes(), salt, &mut derived);
                is_derived && derived.ct_eq(hash).into()
            }
        }
    }
}

impl Scheme {
    fn argon2(id: &str, version: u32, parameters: &str) -> Option<Self> {
        let algorithm = match id {
            "argon2d" => Algorithm::Argon2d,
            "argon2i" => Algorithm::Argon2i,
            "argon2id" => Algorithm::Argon2id,
            _ => return None,
        };
        let version = match version {
            0x10 => Version::V0x10,
            0x13 => Version::V0x13,
            _ => return None,
        };
        let memory = parameter(parameters, "m=").filter(|memory| *memory <= MAX_MEMORY)?;
        let (passes, lanes) = (parameter(parameters, "t=")?, parameter(parameters, "p=")?);
        let is_bearable = u64::from(memory) * u64::from(passes) <= MAX_WORK && lanes <= 64;
        is_bearable.then_some(Self::Argon2 { algorithm, version, memory, passes, lanes })
    }

    fn scrypt(parameters: &str) -> Option<Self> {
        let log_n = parameter(parameters, "ln=").filter(|log_n| (1..=20).contains(log_n))?;
        let r = parameter(parameters, "r=").filter(|r| (1..=64).contains(r))?;
        let p = parameter(parameters, "p=").filter(|p| (1..=64).contains(p))?;
        // 128 · r · 2^ln bytes.
        let memory = r << log_n >> 3;
        let is_bearable = memory <= MAX_MEMORY && u64::from(memory) * u64::from(p) <= MAX_WORK;
        is_bearable.then_some(Self::Scrypt { log_n: u8::try_from(log_n).ok()?, r, p })
    }

    fn pbkdf2(id: &str, rounds: u32) -> Option<Self> {
        if !(1..=MAX_PBKDF2_ROUNDS).contains(&rounds) {
            return None;
        }
        Some(if id.ends_with("256") { Self::Pbkdf2Sha256 { rounds } } else { Self::Pbkdf2Sha512 { rounds } })
    }

    /// `false` when the parameters do not fit each other.
    fn derive(&self, password: &[u8], salt: &[u8], to: &mut [u8]) -> bool {
        match *self {
            Self::Argon2 { algorithm, version, memory, passes, lanes } => {
                let params = argon2::Params::new(memory, passes, lanes, Some(to.len()));
                params.is_ok_and(|params| {
                    Argon2::new(algorithm, version, params).hash_password_into(password, salt, to).is_ok()
                })
            }
            Self::Scrypt { log_n, r, p } => scrypt::Params::new(log_n, r, p)
                .is_ok_and(|params| scrypt::scrypt(password, salt, &params, to).is_ok()),
            Self::Pbkdf2Sha256 { rounds } => {
                pbkdf2_hmac::<Sha256>(password, salt, rounds, to);
                true
            }
            Self::Pbkdf2Sha512 { rounds } => {
                pbkdf2_hmac::<Sha512>(password, salt, rounds, to);
                true
            }
        }
    }
}

/// A number among `m=…,t=…,p=…`.
fn parameter(parameters: &str, name: &str) -> Option<u32> {
    parameters.split(',').find_map(|parameter| parameter.strip_prefix(name))?.parse().ok()
}

/// Base64 with or without padding; passlib writes `.` for `+`.
fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD_NO_PAD.decode(text.trim_end_matches('=').replace('.', "+")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All of `correct horse`; made by passlib 1.7, argon2-cffi 25, Django 5.2 and Python's hashlib.
    const FOREIGN: [&str; 14] = [
        "$pbkdf2-sha256$1000$NAbg/L/XuhfCmNN6z3kPAQ$5j.0DKKc0mvDfik88UxxETkWVjvqVxOZjlGUplNb2pQ",
        "$pbkdf2-sha512$1000$bw1BCGEMoVSq1frfW4vROg$erINnYuM6YgGcJcMKX90DeChPE9qckPwjBkbPlLrRVUaO/hCNFegTYKYhPhBLzSTA/Kczc3zPGJGQN2V92kFEw",
        "$pbkdf2-sha256$i=1000,l=32$MDEyMzQ1Njc4OWFiY2RlZg$cBg8D2DungRB9k76szThf5ehfyBz991ay6PT8Srwk4M",
        "pbkdf2_sha256$1000$saltysalt123$Y/t0PoXiXu9EOs0jg/eg61PB0WFVI9xSouTcK8NEGpc=",
        "$scrypt$ln=10,r=8,p=1$39t7r9UagxBC6F3rvReidA$L9i6791TLAsLRStlY+fiHSnqCqK4JJog9GjfJ2u/OQ0",
        "$2a$04$S/b7OI43xKekQ.D.H1ayVu7iyDt5gxmXi3WQZID3V/smDzhgiUCWS",
        "$2b$04$AjHVy03VgVW4gEr3bygMf.De7vBlVnsWvkNOkuwPDn/apcQJxqCcS",
        "$2y$04$io8Zd3vSWi4bKV13aNUqwevEum3iGD53349DJXg2P1p6IhUWb2iMm",
        "$argon2i$v=19$m=64,t=1,p=2$RY98Tx7zh4scPlpjbxBCSw$O9m70/tvE4/BQMOfY3S2nzIrS2CZ9UFO0MCYjXokFjQ",
        "$argon2d$v=19$m=64,t=1,p=2$4rHWYF95w9cVfBpyk26x1Q$p1MEC+yGRlC/rUgy72p/ZEWncjmI3+vhqyYq4b1OZmY",
        "$argon2id$v=19$m=64,t=1,p=2$9zNstF9Y//v6mgSg3xZAlA$tfHJJ2IEFnr6cq5vjLSnHovq6hhLFsD9Zg7CJ4ftMSQ",
        "$argon2i$v=16$m=64,t=1,p=1$c2FsdHNhbHRzYWx0$2XzKina4F7PguWl8He7RI+OCikOS2b2pDfP5/4urc+8",
        "$argon2i$m=64,t=1,p=1$c2FsdHNhbHRzYWx0$2XzKina4F7PguWl8He7RI+OCikOS2b2pDfP5/4urc+8",
        "argon2$argon2id$v=19$m=64,t=1,p=1$c2FsdHlzYWx0MTIz$UlTiIMcgt9JlA7UOj/vgHgQQTsqKNd61PLG+DeTIKy0",
    ];

    #[test]
    fn hashes_of_other_software_fit_their_password_only_and_are_old() {
        for text in FOREIGN {
            let hash = StoredHash::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert!(hash.fits("correct horse"), "{text}");
            for other in ["", "correct hors", "correct horse ", "Correct horse"] {
                assert!(!hash.fits(other), "{text} {other}");
            }
            assert!(!hash.is_current(), "{text}");
        }
    }

    #[test]
    fn cr_05_only_a_hash_from_elsewhere_is_of_the_first_72_bytes() {
        let hash = "$2b$04$QZo.Cg3soiGwpH31TlfVNeOdt/Vj6LMeNe.95n6c5l96BVXa652Um";
        let hash = StoredHash::parse(hash).unwrap();
        assert!(hash.fits(&"x".repeat(72)) && hash.fits(&"x".repeat(80)) && !hash.fits(&"x".repeat(71)));
    }

    #[test]
    fn what_costs_too_much_or_is_cut_short_is_no_hash() {
        let (salt, hash) = ("MDEyMzQ1Njc4OWFiY2RlZg", "cBg8D2DungRB9k76szThf5ehfyBz991ay6PT8Srwk4M");
        for (id, parameters, is_good) in [
            ("argon2id$v=19", "m=19456,t=2,p=1", true),
            ("argon2id$v=19", "m=102400,t=2,p=8", true),
            ("argon2id$v=19", "m=65536,t=3,p=4", true),
            ("argon2id$v=19", "m=4294967295,t=1,p=1", false),
            ("argon2id$v=19", "m=19456,t=4294967295,p=1", false),
            ("argon2id$v=19", "m=19456,t=2,p=4294967295", false),
            ("argon2id$v=18", "m=19456,t=2,p=1", false),
            ("argon2x$v=19", "m=19456,t=2,p=1", false),
            ("argon2id$v=19", "m=19456,t=2", false),
            ("argon2id$v=19", "m=-1,t=2,p=1", false),
            ("scrypt", "ln=17,r=8,p=1", true),
            ("scrypt", "ln=18,r=8,p=1", false),
            ("scrypt", "ln=63,r=8,p=1", false),
            ("scrypt", "ln=10,r=4294967295,p=4294967295", false),
            ("scrypt", "ln=14,r=8,p=64", false),
            ("scrypt", "ln=0,r=8,p=1", false),
            ("pbkdf2-sha256", "i=1200000", true),
            ("pbkdf2-sha256", "i=4294967295", false),
            ("pbkdf2-sha256", "i=0", false),
            ("pbkdf2-sha1", "i=1000", false),
        ] {
            let parse = |text: &str| StoredHash::parse(text).is_some();
            assert_eq!(parse(&format!("${id}${parameters}${salt}${hash}")), is_good, "{id} {parameters}");
            for (salt, hash) in [("", hash), (salt, ""), (salt, "AAAA"), ("*", hash), (salt, &hash.repeat(3))]
            {
                assert!(!parse(&format!("${id}${parameters}${salt}${hash}")), "{id} {salt} {hash}");
            }
        }
        let bcrypt = |cost: &str| format!("$2b${cost}$AjHVy03VgVW4gEr3bygMf.De7vBlVnsWvkNOkuwPDn/apcQJxqCcS");
        assert!(StoredHash::parse(&bcrypt("14")).is_some() && StoredHash::parse(&bcrypt("15")).is_none());
        assert!(StoredHash::parse(&bcrypt("03")).is_none() && StoredHash::parse(&bcrypt("31")).is_none());
        let cut = StoredHash::parse("$2b$04$").unwrap();
        assert!(!cut.fits(""), "a row that was cut fits nothing");
    }
}
