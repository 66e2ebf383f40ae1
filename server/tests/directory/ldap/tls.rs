//! Encrypted, with a certificate that is checked.

use std::io::Write;

use crate::{
    scene::{Directory, OTHER_CA, PASSWORD, WAYS, sign_in, try_sign_in},
    support::new_folder,
};

#[tokio::test]
#[ignore = "needs LDAP: cargo xtask services"]
async fn ip_11_only_a_directory_with_the_right_certificate_is_asked() {
    let directory = Directory::new().await;
    directory.add_person("ada", &[]).await;
    let folder = new_folder();
    let other = folder.join("other.pem");
    std::fs::write(&other, OTHER_CA).unwrap();
    let (plain, encrypted) = (directory.port(), directory.encrypted_port());
    let (ca, other) = (directory.ca(), other.display().to_string());
    for (url, ca, is_right) in [
        (format!("ldaps://localhost:{encrypted}"), &ca, true),
        (format!("ldap://localhost:{plain}"), &ca, true),
        (format!("ldaps://localhost:{encrypted}"), &other, false),
        (format!("ldap://localhost:{plain}"), &other, false),
        // Signed by the right one, for another host.
        (format!("ldaps://127.0.0.1:{encrypted}"), &ca, false),
        (format!("ldap://127.0.0.1:{plain}"), &ca, false),
        // One protocol at the port of the other.
        (format!("ldaps://localhost:{plain}"), &ca, false),
        (format!("ldap://localhost:{encrypted}"), &ca, false),
    ] {
        for way in WAYS {
            let server = directory.server(way, &[("AUTH_LDAP_URL", &url), ("AUTH_LDAP_CA", ca)]).await;
            let answer = try_sign_in(&mut server.browser(), "ada", PASSWORD).await;
            assert_eq!(answer.signs_in(), is_right, "{way:?} {url} {ca}: {answer:?}");
            assert_eq!(answer.status, if is_right { 302 } else { 503 }, "{way:?} {url}");
        }
    }
    std::fs::remove_dir_all(folder).unwrap();
}
