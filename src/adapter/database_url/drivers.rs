//! Query parameters that each driver reads, and those that other software writes into URLs. Sources: the parsers of sqlx
//! 0.9, redis 1.8 and mongodb 3.9, and the documentation of libpq, Prisma, JDBC, mysql2 and redis-py.

/// The query parameters of one driver.
pub(super) struct Driver {
    /// The parameter names that the driver reads.
    pub(super) known: &'static [&'static str],
    /// Parameters of other software that stop the server at startup: names, advice, and an example.
    pub(super) refused: &'static [(&'static [&'static str], &'static str, &'static str)],
    /// Parameters of other software that change nothing here: names, and what to write instead.
    pub(super) ignored: &'static [(&'static [&'static str], &'static str)],
    /// The parameters that control whether TLS is used.
    pub(super) tls: &'static [&'static str],
    /// The parameter that requires TLS, followed by the one that turns it off.
    pub(super) require_tls: &'static str,
    pub(super) plain: &'static str,
    /// Parameters with a fixed set of values. The driver's own error would repeat a wrong value.
    pub(super) values: &'static [(&'static [&'static str], &'static [&'static str])],
    /// An example URL with TLS.
    pub(super) example: &'static str,
}

const TLS_MODE: &str = "TLS is required by another parameter";

pub(super) const POSTGRES: Driver = Driver {
    known: &[
        "sslmode",
        "ssl-mode",
        "sslrootcert",
        "ssl-root-cert",
        "ssl-ca",
        "sslcert",
        "ssl-cert",
        "sslkey",
        "ssl-key",
        "statement-cache-capacity",
        "host",
        "hostaddr",
        "port",
        "dbname",
        "user",
        "password",
        "application_name",
        "options",
    ],
    refused: &[
        (
            &["schema", "currentschema", "searchpath"],
            "set the schema with options",
            "postgres://user:password@host/app?options=-csearch_path%3Dauth",
        ),
        (
            &[
                "ssl",
                "tls",
                "usessl",
                "requiressl",
                "sslaccept",
                "sslmode",
                "tlsmode",
                "sslidentity",
                "sslpassword",
                "sslverify",
            ],
            TLS_MODE,
            "postgres://user:password@host/app?sslmode=verify-full",
        ),
        (
            &["sslca", "sslcafile", "sslrootca", "cafile"],
            "set the certificate with sslrootcert",
            "postgres://user:password@host/app?sslmode=verify-full&sslrootcert=/etc/ssl/company-ca.pem",
        ),
    ],
    ignored: &[
        (&["channelbinding"], "sslmode=verify-full protects against the same attacks"),
        (&["pgbouncer", "preparedstatements", "preparethreshold", "binaryparameters"], PREPARED),
        (&["statementcachesize", "statementcachecapacity"], PREPARED),
        (&["connectionlimit", "poolsize", "maxconnections", "maxpoolsize", "poolmaxconns"], POOL),
        (&["pooltimeout", "connecttimeout", "sockettimeout", "connectiontimeout", "timeout"], TIMEOUT),
        (&["targetsessionattrs", "loadbalancehosts"], "connections go to one host"),
        (
            &[
                "gssencmode",
                "sslcompression",
                "sslsni",
                "sslnegotiation",
                "krbsrvname",
                "clientencoding",
                "fallbackapplicationname",
                "keepalives",
                "keepalivesidle",
                "keepalivesinterval",
                "keepalivescount",
                "tcpusertimeout",
                "timezone",
            ],
            "it changes nothing here",
        ),
    ],
    tls: &["sslmode", "ssl-mode"],
    require_tls: "sslmode=require",
    plain: "sslmode=disable",
    values: &[(
        &["sslmode", "ssl-mode"],
        &["disable", "allow", "prefer", "require", "verify-ca", "verify-full"],
    )],
    example: "postgres://user:p%40ss@host/app?sslmode=verify-full",
};

pub(super) const MYSQL: Driver = Driver {
    known: &[
        "sslmode",
        "ssl-mode",
        "sslca",
        "ssl-ca",
        "charset",
        "collation",
        "sslcert",
        "ssl-cert",
        "sslkey",
        "ssl-key",
        "statement-cache-capacity",
        "socket",
        "timezone",
        "time-zone",
    ],
    refused: &[
        (
            &[
                "ssl",
                "tls",
                "usessl",
                "requiressl",
                "sslaccept",
                "sslmode",
                "tlsmode",
                "verifyservercertificate",
                "sslverifycert",
                "sslverifyidentity",
                "sslidentity",
            ],
            TLS_MODE,
            "mysql://user:password@host/app?ssl-mode=VERIFY_IDENTITY",
        ),
        (
            &["sslca", "sslcafile", "sslrootcert", "cafile"],
            "set the certificate with ssl-ca",
            "mysql://user:password@host/app?ssl-mode=VERIFY_IDENTITY&ssl-ca=/etc/ssl/company-ca.pem",
        ),
    ],
    ignored: &[
        (&["connectionlimit", "poolsize", "maxconnections", "maxpoolsize"], POOL),
        (&["pooltimeout", "connecttimeout", "sockettimeout", "connectiontimeout", "timeout"], TIMEOUT),
        (&["statementcachesize", "statementcachecapacity", "cacheprepstmts", "useserverprepstmts"], PREPARED),
        (
            &[
                "allowpublickeyretrieval",
                "servertimezone",
                "autoreconnect",
                "characterencoding",
                "useunicode",
                "multiplestatements",
                "allowmultiqueries",
                "parsetime",
                "loc",
            ],
            "it changes nothing here",
        ),
    ],
    tls: &["sslmode", "ssl-mode"],
    require_tls: "ssl-mode=REQUIRED",
    plain: "ssl-mode=DISABLED",
    values: &[(
        &["sslmode", "ssl-mode"],
        &["disabled", "preferred", "required", "verify_ca", "verify_identity"],
    )],
    example: "mysql://user:p%40ss@host/app?ssl-mode=VERIFY_IDENTITY",
};

pub(super) const REDIS: Driver = Driver {
    known: &["protocol"],
    refused: &[
        (
            &["ssl", "tls", "usetls", "usessl", "sslcertreqs", "sslcacerts", "tlsinsecure"],
            "the scheme rediss:// requires TLS",
            "rediss://user:password@host:6379",
        ),
        (&["db", "database"], "write the database number as the path", "redis://user:password@host:6379/1"),
        (
            &["user", "username", "password", "pass"],
            "write the user name and password before the host",
            "redis://user:password@host:6379",
        ),
    ],
    ignored: &[
        (&["connectionlimit", "poolsize", "maxconnections", "maxpoolsize"], POOL),
        (&["pooltimeout", "connecttimeout", "sockettimeout", "connectiontimeout", "timeout"], TIMEOUT),
        (&["family", "keepalive", "clientname", "healthcheckinterval"], "it changes nothing here"),
    ],
    tls: &[],
    require_tls: "",
    plain: "",
    values: &[(&["protocol"], &["resp2", "resp3", "2", "3"])],
    example: "redis://user:p%40ss@host:6379",
};

/// Parameter names are compared case-insensitively, as the driver does.
pub(super) const MONGODB: Driver = Driver {
    known: &[
        "appname",
        "authmechanism",
        "authmechanismproperties",
        "authsource",
        "compressors",
        "connecttimeoutms",
        "directconnection",
        "enableoverloadretargeting",
        "heartbeatfrequencyms",
        "journal",
        "loadbalanced",
        "localthresholdms",
        "maxadaptiveretries",
        "maxconnecting",
        "maxidletimems",
        "maxpoolsize",
        "maxstalenessseconds",
        "minpoolsize",
        "proxyhost",
        "proxypassword",
        "proxyport",
        "proxyusername",
        "readconcernlevel",
        "readpreference",
        "readpreferencetags",
        "replicaset",
        "retryreads",
        "retrywrites",
        "servermonitoringmode",
        "serverselectiontimeoutms",
        "sockettimeoutms",
        "srvmaxhosts",
        "srvservicename",
        "ssl",
        "tls",
        "tlsallowinvalidcertificates",
        "tlsallowinvalidhostnames",
        "tlscafile",
        "tlscertificatekeyfile",
        "tlscertificatekeyfilepassword",
        "tlsinsecure",
        "uuidrepresentation",
        "w",
        "waitqueuetimeoutms",
        "wtimeoutms",
        "zlibcompressionlevel",
    ],
    refused: &[],
    ignored: &[(&["usenewurlparser", "useunifiedtopology", "keepalive"], "it changes nothing here")],
    tls: &["tls", "ssl"],
    require_tls: "tls=true",
    plain: "tls=false",
    values: &[(&["tls", "ssl"], &["true", "false"])],
    example: "mongodb://user:p%40ss@host/app?tls=true",
};

pub(super) const SQLITE: Driver = Driver {
    known: &["mode", "cache", "immutable", "vfs"],
    refused: &[],
    ignored: &[],
    tls: &[],
    require_tls: "",
    plain: "",
    values: &[
        (&["mode"], &["ro", "rw", "rwc", "memory"]),
        (&["cache"], &["private", "shared"]),
        (&["immutable"], &["true", "false", "1", "0"]),
    ],
    example: "sqlite://data/app.db",
};

const POOL: &str = "the number of connections is fixed";
const TIMEOUT: &str = "the time to wait is fixed: five seconds";
const PREPARED: &str = "statement-cache-capacity=0 turns cached statements off";
