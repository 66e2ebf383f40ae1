//! The people who can be signed in as. Their addresses are of a domain that can receive no mail (RFC 2606).

/// A test person.
#[derive(Debug, PartialEq, Eq)]
pub struct Persona {
    /// Their id here: `sub`.
    pub id: &'static str,
    /// Their name.
    pub name: &'static str,
    /// Their address.
    pub email: &'static str,
    /// What they are for.
    pub note: &'static str,
}

/// All of them.
pub const PERSONAS: [Persona; 3] = [
    Persona { id: "ada", name: "Ada Lovelace", email: "ada@example.com", note: "the first programmer" },
    Persona {
        id: "grace",
        name: "Grace Hopper",
        email: "grace@example.com",
        note: "wrote the first compiler",
    },
    Persona {
        id: "alan",
        name: "Alan Turing",
        email: "alan@example.com",
        note: "asked whether machines can think",
    },
];

/// The one with that id.
pub fn find(id: &str) -> Option<&'static Persona> {
    PERSONAS.iter().find(|persona| persona.id == id)
}
