//! OpenLDAP, set up so that it makes each mistake of an application show: it says yes to a bind without a password, it
//! locks accounts, passwords end, and a group names its members and each member its groups.

use std::path::Path;
use std::process::{Command, Stdio};

use super::place::free_port;
use super::{Kind, Place};
use crate::failure::{Failure, Result};
use crate::files::read_text;
use crate::process::{run, succeeds};

pub(super) const LDAP: Kind = Kind {
    name: "ldap",
    variable: "TEST_LDAP_URL",
    packages: &["slapd", "openssl"],
    service: Some("slapd"),
    is_installed: || {
        Path::new(SCHEMA).is_dir()
            && succeeds(Command::new("slapd").arg("-VV"))
            && succeeds(Command::new("openssl").arg("version"))
    },
    prepare,
    command,
    // What a test needs besides: the port of ldaps, and the certificate to trust.
    url: |place| {
        let (port, ldaps, ca) = (place.port, encrypted_port(place), place.path(CA));
        format!("ldap://127.0.0.1:{port}/?ldaps={ldaps}&ca={ca}")
    },
    last_signal: "KILL",
};

const SCHEMA: &str = "/etc/ldap/schema";
const CA: &str = "ca.pem";
const ENCRYPTED_PORT: &str = "ldaps-port";

/// `{}` is the folder. Nobody reads without a bind, so that a search before one shows.
const CONFIGURATION: &str = "\
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/nis.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload ppolicy
moduleload memberof
pidfile {}/pid
TLSCertificateFile {}/server.pem
TLSCertificateKeyFile {}/server.key
allow bind_anon_cred bind_anon_dn
access to attrs=userPassword by anonymous auth by * none
access to * by users read by * none
database mdb
suffix dc=example,dc=org
rootdn cn=root,dc=example,dc=org
rootpw root-password
directory {}/data
maxsize 67108864
dbnosync
index objectClass,uid,mail,member,memberUid eq
overlay memberof
memberof-refint true
overlay ppolicy
ppolicy_default cn=default,ou=policies,dc=example,dc=org
ppolicy_use_lockout
";

const FIRST_ENTRIES: &str = "\
dn: dc=example,dc=org
objectClass: domain
dc: example

dn: ou=policies,dc=example,dc=org
objectClass: organizationalUnit
ou: policies

dn: cn=default,ou=policies,dc=example,dc=org
objectClass: device
objectClass: pwdPolicy
cn: default
pwdAttribute: userPassword
pwdLockout: TRUE
pwdMaxFailure: 5
pwdMustChange: TRUE

dn: cn=short,ou=policies,dc=example,dc=org
objectClass: device
objectClass: pwdPolicy
cn: short
pwdAttribute: userPassword
pwdMaxAge: 1
";

fn prepare(place: &Place, _: &Path) -> Result {
    let port = free_port().ok_or_else(|| Failure::new("No port is free."))?;
    let configuration = CONFIGURATION.replace("{}", &place.folder.display().to_string());
    for (name, content) in [
        (ENCRYPTED_PORT, port.to_string().as_str()),
        ("slapd.conf", &configuration),
        ("first.ldif", FIRST_ENTRIES),
    ] {
        let sentence = format!("Cannot write {}", place.path(name));
        std::fs::write(place.folder.join(name), content).map_err(Failure::because(sentence))?;
    }
    std::fs::create_dir(place.folder.join("data")).map_err(Failure::because("Cannot make a folder"))?;
    certificate(place, &["-subj", "/CN=Test CA", "-keyout", "ca.key", "-out", CA])?;
    certificate(
        place,
        &[
            "-subj",
            "/CN=localhost",
            "-addext",
            "subjectAltName=DNS:localhost",
            "-addext",
            "basicConstraints=critical,CA:FALSE",
            "-CA",
            CA,
            "-CAkey",
            "ca.key",
            "-keyout",
            "server.key",
            "-out",
            "server.pem",
        ],
    )?;
    let mut slapadd = Command::new("slapadd");
    slapadd.args(["-q", "-f", &place.path("slapd.conf"), "-l", &place.path("first.ldif")]);
    run(&mut slapadd, "slapadd made no directory: it says why above.")
}

/// A key and a certificate.
fn certificate(place: &Place, arguments: &[&str]) -> Result {
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]);
    openssl.args(["-days", "30"]).args(arguments).current_dir(&place.folder).stderr(Stdio::null());
    run(&mut openssl, "openssl made no certificate.")
}

fn command(place: &Place, _: &Path) -> Command {
    let mut slapd = Command::new("slapd");
    let addresses = format!("ldap://127.0.0.1:{} ldaps://127.0.0.1:{}", place.port, encrypted_port(place));
    // With a debug level it stays in the foreground.
    slapd.args(["-d", "0", "-f", &place.path("slapd.conf"), "-h", &addresses]);
    slapd
}

fn encrypted_port(place: &Place) -> String {
    read_text(&place.folder.join(ENCRYPTED_PORT)).unwrap_or_default()
}
