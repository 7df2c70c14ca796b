package profile

import (
	"slices"
	"strings"
	"sync"
)

// Kind is the type of a key's value.
type Kind int

const (
	KindText     Kind = iota // a string
	KindList                 // strings: the flag repeats, a variable separates them by white space
	KindBool                 // true or false
	KindDuration             // a string such as "1h30m"
	KindPath                 // a file's path; "~/" is the home directory
	KindSecret               // a string that is never shown and has no flag
)

// Key is one row of the table of all keys.
type Key struct {
	// Path is the key's place in a profile: "region", "role.arn".
	Path string
	// Flag is the flag's name without the leading dashes, or empty.
	Flag string
	// Env is the variable's name, or empty.
	Env   string
	Usage string
	Kind  Kind
	// Global marks the keys whose flag every command lists in its help.
	Global bool

	// orString allows a list's only element as a string in the file.
	orString bool
}

// Keys returns all keys in the order of the manual. "config" and "profile" choose the file and the profile; all others are
// keys of a profile.
func Keys() []Key { return slices.Clone(keys()) }

// keys returns the table of all keys. It is made once per process.
var keys = sync.OnceValue(func() []Key {
	keys := []Key{
		{Path: "config", Env: "DAYPASS_CONFIG_FILE", Kind: KindPath, Global: true, Usage: "configuration file"},
		{Path: "profile", Global: true, Usage: "profile to use"},
		{Path: "region", Global: true, Usage: "AWS region"},
		{Path: "sign_in", Global: true, Usage: "when to open a browser: auto, always or never"},
		{Path: "agent", Kind: KindBool, Usage: "cache credentials in the memory of a background process (default true)"},
		{Path: "ca_bundle", Kind: KindPath, Usage: "PEM file of additional certificate authorities"},
		{Path: "logins", Kind: KindList, Usage: "name of the shared [login.NAME] to sign in with"},

		{Path: "login.preset", Usage: "identity provider whose settings apply where the profile has none: " + strings.Join(presetNames(), ", ")},
		{Path: "login.issuer", Usage: "URL of the identity provider, as in its tokens' iss"},
		{Path: "login.client_id", Usage: "client ID at the identity provider"},
		{Path: "login.client_secret", Kind: KindSecret, Usage: "client secret, if the identity provider requires one"},
		{Path: "login.client_secret_file", Kind: KindPath, Usage: "file that contains the client secret"},
		{Path: "login.login_hint", Usage: "account to sign in with, such as an e-mail address"},
		{Path: "login.scopes", Kind: KindList, Usage: "exact scopes to request (default openid, email, and offline_access if the identity provider supports it)"},
		{Path: "login.prompt", Usage: "prompt parameter of each sign-in, such as login or select_account (default none)"},
		{Path: "login.redirect_uri", Kind: KindList, orString: true, Usage: "loopback URL to return to; the first whose port is free (default any port of 127.0.0.1)"},
		{Path: "login.method", Usage: "how to sign in: browser"},

		{Path: "role.arn", Usage: "ARN of the role to assume through STS"},
		{Path: "role.session_name", Usage: "role session name; may contain {sub}, {email} and {claim:NAME} (default {email}, else {sub})"},
		{Path: "role.duration", Kind: KindDuration, Usage: "lifetime of the credentials, 15m to 12h (default the role's own)"},
		{Path: "role.policy", Usage: "session policy in JSON"},
		{Path: "role.policy_file", Kind: KindPath, Usage: "file that contains the session policy"},
		{Path: "role.policy_arns", Kind: KindList, Usage: "ARN of a managed policy for the session, at most 10"},

		{Path: "identity_pool.id", Usage: "ID of the Cognito identity pool, REGION:GUID"},
		{Path: "identity_pool.flow", Usage: "authentication flow of the pool: enhanced"},
		{Path: "identity_pool.guest", Kind: KindBool, Usage: "use the pool as a guest, without signing in"},

		{Path: "upload.bucket", Usage: "S3 bucket to upload to"},
		{Path: "upload.prefix", Usage: "prefix of the keys in the bucket; may contain {sub}, {userid} and {identity_id}"},

		{Path: "endpoints.sts", Usage: "URL of the STS endpoint"},
		{Path: "endpoints.s3", Usage: "URL of the S3 endpoint"},
		{Path: "endpoints.cognito_identity", Usage: "URL of the Cognito identity endpoint"},
		{Path: "endpoints.path_style", Kind: KindBool, Usage: "address S3 buckets by path (default true with endpoints.s3)"},
		{Path: "endpoints.fips", Kind: KindBool, Usage: "use FIPS endpoints"},
		{Path: "endpoints.dual_stack", Kind: KindBool, Usage: "use dual-stack endpoints"},
	}
	for i := range keys {
		keys[i].nameFlagAndEnv()
	}
	return keys
})

// nameFlagAndEnv sets the names of the flag and the variable. They contain the name of the key's table, unless it is login.
func (k *Key) nameFlagAndEnv() {
	bare := strings.TrimPrefix(k.Path, "login.")
	dashed := strings.ReplaceAll(strings.ReplaceAll(bare, ".", "-"), "_", "-")
	if k.Kind != KindSecret {
		k.Flag = dashed
	}
	if k.Env == "" {
		k.Env = "DAYPASS_" + strings.ToUpper(strings.ReplaceAll(dashed, "-", "_"))
	}
}

// inProfile reports whether the key belongs in a profile's table.
func (k Key) inProfile() bool { return k.Path != "config" && k.Path != "profile" }

// notYet reports whether the key is planned: the error says so, instead of calling the key unknown and suggesting another.
func notYet(path string) bool {
	switch path {
	case "audit_log", "chain", "login.token_source", "login.token_file", "login.token_env",
		"login.token_command", "login.audience":
		return true
	}
	return false
}
