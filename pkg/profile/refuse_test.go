package profile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// refusal returns the text of Load's error, with the file named config.toml.
func refusal(t *testing.T, s Source) string {
	t.Helper()
	p, err := Load(s)
	if err == nil {
		t.Fatalf("Load accepted it: %+v", p)
	}
	var one *Error
	if !errors.As(err, &one) {
		t.Errorf("%v is not an *Error", err)
	}
	if s.ConfigDir == "" {
		return err.Error()
	}
	return strings.ReplaceAll(err.Error(), s.ConfigDir+string(filepath.Separator), "")
}

// Each row is a whole file.
func TestRefusedFiles(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, file, want string }{
		{"syntax", "[profile.p]\nregion = us-east-1\n", "config.toml:2:10: unexpected character U+0075 'u' at start of value"},
		{"open table", "[profile.p", "config.toml:1:10: expected ']' to close table name"},
		{"open text", "\nx = \"", "config.toml:2:5: unterminated basic string"},
		{"unknown key", "[profile.p]\n regoin = 'x'\n", `config.toml:2:2: unknown key "regoin"; did you mean "region"?`},
		{"unknown key far from any", "[profile.p]\nzzzzzz = 1\n", `config.toml:2:1: unknown key "zzzzzz"`},
		{"unknown table", "[profile.p.rol]\narn = ''\n", `config.toml:1:12: unknown key "rol"; did you mean "role"?`},
		{"unknown dotted table", "[profile.p]\nrol.arn = ''\n", `config.toml:2:1: unknown key "rol"; did you mean "role"?`},
		{"unknown key of a table", "[profile.p.login]\nisuer = ''\n", `config.toml:2:1: unknown key "login.isuer"; did you mean "issuer"?`},
		{"unknown inline key", "[profile.p]\nrole = { ran = '' }\n", `config.toml:2:10: unknown key "role.ran"; did you mean "arn"?`},
		{"unknown key of a shared login", "[login.g]\nclientid = ''\n", `config.toml:2:1: unknown key "login.clientid"; did you mean "client_id"?`},
		{"unknown top", "[profiles.p]\nx = 1\n", `config.toml:1:2: unknown key "profiles"; did you mean "profile"?`},
		{"two unknown", "a = 1\n[b]\n", "config.toml:1:1: unknown key \"a\"\nconfig.toml:2:2: unknown key \"b\"; did you mean [profile.b]?"},
		{"audit log", "audit_log = 'x'\n", "config.toml:1:1: audit_log: not supported by this version of daypass"},
		{"chain", "[profile.p]\n[[profile.p.chain]]\narn = 'x'\n", "config.toml:2:13: chain: not supported by this version of daypass"},
		{"workload", "[profile.p.login]\ntoken_source = 'x'\n", "config.toml:2:1: login.token_source: not supported by this version of daypass"},
		{"number", "[profile.p]\nregion = 1\n", "config.toml:2:1: region: is a number, not a string"},
		{"number as a secret", "[login.p]\nclient_secret = 1\n", "config.toml:2:1: login.client_secret: is a number, not a string"},
		{"text as boolean", "[profile.p]\nagent = 'yes'\n", "config.toml:2:1: agent: is a string, not true or false"},
		{"text as list", "[profile.p.login]\nscopes = 'openid'\n", `config.toml:2:1: login.scopes: is a string, not a list of strings, such as ["…"]`},
		{"mixed list", "[profile.p.login]\nredirect_uri = ['a', 1]\n", `config.toml:2:1: login.redirect_uri: is a list with values other than strings, not a list of strings, such as ["…"]`},
		{"time", "[profile.p.role]\nduration = 01:00:00\n", `config.toml:2:1: role.duration: is a date or time, not a string such as "1h"`},
		{"text as table", "[profile.p]\nrole = 'x'\n", "config.toml:2:1: role: is a string, not a table"},
		{"table as text", "[profile.p.region]\n", "config.toml:1:12: region: is a table, not a string"},
		{"table below a key", "[profile.p]\nregion.x = 1\n", "config.toml:2:1: region: is a table, not a string"},
		{"profile as the default", "profile = 'p'\n", `config.toml:1:1: profile: is a string, not a table such as [profile.NAME]`},
		{"profile as list", "profile = ['p']\n", "config.toml:1:1: profile: is a list, not a table such as [profile.NAME]"},
		{"login as text", "login = 'p'\n", "config.toml:1:1: login: is a string, not a table such as [login.NAME]"},
		{"profiles as array", "[[profile.p]]\nregion = 'x'\n", "config.toml:1:11: profile.p: is an array of tables, not a table"},
		{"key twice", "[profile.p]\nregion = 'x'\nregion = 'y'\n", `config.toml:3:1: "profile.p.region": key region is already defined`},
		{"table twice", "[profile.p]\n[profile.p]\n", `config.toml:2:10: "profile.p": table p already exists`},
		{"inline table extended", "[profile.p]\nrole = {}\n[profile.p.role]\n", `config.toml:3:12: "profile.p.role": key role should be a table, not a value`},
		{"dotted table extended", "[profile.p]\nrole.arn = 'x'\n[profile.p.role]\n", `config.toml:3:12: "profile.p.role": table role already exists as defined by a dotted key`},
		{"default twice", "default_profile = 'p'\ndefault_profile = 'q'\n", `config.toml:2:1: "default_profile": key default_profile is already defined`},
		{"inline key twice", "[profile.p]\nrole = { arn = 'x', arn = 'y' }\n", `config.toml:2:1: "profile.p.role": key arn is already defined`},
		{"twice in an array of tables", "[[x]]\ny = ''\ny = ''\n[z]\ny = ''\n", "config.toml:3:1: key y is already defined"},
		{"control characters twice", "\"\\u001b\" = ''\n\"\\u001b\" = ''\n", `config.toml:2:1: "\x1b": key  is already defined`},
		{"many", strings.Repeat("x = 1\n", maxExpressions+1), "config.toml: more than 20000 keys and tables"},
		{"deep", strings.Repeat("a.", 20) + "a = 1\n", "config.toml:1:33: nested more than 16 deep"},
		{"name", "[profile.\"a\\nb\"]\n", `config.toml:1:10: [profile."a\nb"] is not a valid name`},
		{"huge", strings.Repeat("#", maxFileBytes+1), `reading "config.toml": longer than the limit of 1048576 bytes`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := refusal(t, source(t, tt.file, nil, nil)); got != tt.want {
				t.Errorf("%q:\n got %s\nwant %s", tt.file[:min(len(tt.file), 200)], got, tt.want)
			}
		})
	}
}

// Each row is a flag that overrides a valid profile, so that the message names the flag.
func TestRefusedValues(t *testing.T) {
	t.Parallel()
	long := func(s string, n int) string { return strings.Repeat(s, n) }
	for _, tt := range []struct{ key, value, want string }{
		{"region", "US East", `--region: "US East" is not the name of a region`},
		{"region", "us-east-1.evil.example/", `--region: "us-east-1.evil.example/" is not the name of a region`},
		{"region", "x\n", "--region: \"x\\n\" has control characters\n--region: \"x\\n\" is not the name of a region"},
		{"sign_in", "maybe", `--sign-in: "maybe" is not one of auto, always, never`},
		{"agent", "no", `--agent: "no" is neither true nor false`},
		{"logins", "g", `--logins: there is no shared login "g"`},

		{"login.preset", "gogle", `--preset: there is no preset "gogle"; did you mean "google"?`},
		{"login.issuer", "idp.example.com", `--issuer: "idp.example.com" is not a URL`},
		{"login.issuer", "http://idp.example.com", `--issuer: "http://idp.example.com" must be https: http is only for loopback addresses and localhost`},
		{"login.issuer", "https://login.microsoftonline.com/{tenantid}/v2.0", `--issuer: "https://login.microsoftonline.com/{tenantid}/v2.0" has the placeholder {tenantid}`},
		{"login.issuer", "https://cognito-idp.{region}.amazonaws.com/{userPoolId}", `--issuer: "https://cognito-idp.{region}.amazonaws.com/{userPoolId}" has the placeholder {region}`},
		{"login.issuer", "ftp://idp.example.com", `--issuer: "ftp://idp.example.com" is not an https URL`},
		{"login.issuer", "https://idp.example.com/?x", `--issuer: "https://idp.example.com/?x" has a query or a fragment`},
		{"login.issuer", "https://idp.example.com/#", `--issuer: "https://idp.example.com/#" has a query or a fragment`},
		{"login.issuer", "https://u:marker@idp.example.com", "--issuer: the URL contains @: a user or password is not allowed"},
		{"login.issuer", "https://idp.example.com:70000", `--issuer: "https://idp.example.com:70000" has no valid port`},
		{"login.scopes", "email", `--scopes: "openid" is missing: without it there is no ID token`},
		{"login.scopes", "openid email", "--scopes: \"openid email\" is not a single scope"},
		{"login.redirect_uri", "https://localhost/", `--redirect-uri: "https://localhost/" must be http: the browser returns to this machine`},
		{"login.redirect_uri", "http://127.0.0.2/", `--redirect-uri: "http://127.0.0.2/" must have the host 127.0.0.1, [::1] or localhost`},
		{"login.redirect_uri", "http://localhost/?a=b", `--redirect-uri: "http://localhost/?a=b" has a query or a fragment`},
		{"login.method", "device", `--method: "device" is not supported by this version: only "browser" is`},
		{"login.method", "carrier", `--method: "carrier" is not a method: "browser" is`},
		{"login.client_secret_file", "/nonexistent/s", `--client-secret-file: reading "/nonexistent/s": no such file or directory`},

		{"role.arn", "arn:aws:iam::123:role", `--role-arn: "arn:aws:iam::123:role" is not the ARN of a role: the role has no name`},
		{"role.arn", "arn:aws:iam::123:role/x", `--role-arn: "arn:aws:iam::123:role/x" is not the ARN of a role: the account is "123", not 12 digits`},
		{"role.arn", "arn:aws:iam::11112222333x:role/x", `--role-arn: "arn:aws:iam::11112222333x:role/x" is not the ARN of a role: the account is "11112222333x", not 12 digits`},
		{"role.arn", "arn:aws:iam::111122223333:user/x", `--role-arn: "arn:aws:iam::111122223333:user/x" is not the ARN of a role: it names "user", not a role`},
		{"role.arn", "arn:aws:sts::111122223333:assumed-role/x/y", `--role-arn: "arn:aws:sts::111122223333:assumed-role/x/y" is not the ARN of a role: it names "assumed-role", not a role`},
		{"role.arn", "arn:aws:sts::111122223333:role/x", `--role-arn: "arn:aws:sts::111122223333:role/x" is not the ARN of a role: the service is "sts", not "iam"`},
		{"role.arn", "arn:aws:iam:us-east-1:111122223333:role/x", `--role-arn: "arn:aws:iam:us-east-1:111122223333:role/x" is not the ARN of a role: the region is "us-east-1": IAM has none`},
		{"role.arn", "arn:aws:iam:111122223333:role/x", `--role-arn: "arn:aws:iam:111122223333:role/x" is not the ARN of a role: the form is arn:PARTITION:SERVICE:REGION:ACCOUNT:role/NAME`},
		{"role.arn", "arn::iam::111122223333:role/x", `--role-arn: "arn::iam::111122223333:role/x" is not the ARN of a role: the partition or the service is empty`},
		{"role.arn", "PhotoUploader", `--role-arn: "PhotoUploader" is not the ARN of a role: the form is arn:PARTITION:SERVICE:REGION:ACCOUNT:role/NAME`},
		{"role.arn", "arn:aws:iam::111122223333:role/a b", `--role-arn: "arn:aws:iam::111122223333:role/a b" is not the ARN of a role: it has a space or another character that is not allowed in an ARN`},
		{"role.session_name", "{name}", `--role-session-name: template "{name}" has an unknown placeholder {name}`},
		{"role.duration", "1", `--role-duration: "1" is not a duration`},
		{"role.duration", "14m59s", `--role-duration: "14m59s" is not between 15m and 12h`},
		{"role.duration", "12h1s", `--role-duration: "12h1s" is not between 15m and 12h`},
		{"role.duration", "20m0.5s", `--role-duration: "20m0.5s" is not in whole seconds`},
		{"role.policy", "{", "--role-policy: the session policy is not a JSON object"},
		{"role.policy", "[]", "--role-policy: the session policy is not a JSON object"},
		{"role.policy", `{"a":"` + long("ä", 2048) + `"}`, "--role-policy: the session policy has 2056 characters, STS accepts at most 2048"},
		{"role.policy_file", "/nonexistent/p", `--role-policy-file: reading "/nonexistent/p": no such file or directory`},
		{"role.policy_arns", "arn:aws:iam::1:policy/x", `--role-policy-arns: "arn:aws:iam::1:policy/x" is not the ARN of a policy: the account is "1", not 12 digits`},

		{"upload.bucket", "My_Bucket", `--upload-bucket: "My_Bucket" is not the name of a bucket`},
		{"upload.bucket", "ab", `--upload-bucket: "ab" is not the name of a bucket`},
		{"upload.bucket", "a..b", `--upload-bucket: "a..b" is not the name of a bucket`},
		{"upload.bucket", "-ab", `--upload-bucket: "-ab" is not the name of a bucket`},
		{"upload.bucket", long("a", 64), `--upload-bucket: "` + long("a", 64) + `" is not the name of a bucket`},
		{"upload.bucket", "", "--upload-prefix: there is a prefix but no bucket"},
		{"upload.prefix", "", "--upload-prefix: is empty, which would be the whole bucket"},
		{"upload.prefix", "u/{sub}", `--upload-prefix: "u/{sub}" does not end in /`},
		{"upload.prefix", "/u/", `--upload-prefix: "/u/" has the segment ""`},
		{"upload.prefix", "u//{sub}/", `--upload-prefix: "u//{sub}/" has the segment ""`},
		{"upload.prefix", "u/../{sub}/", `--upload-prefix: "u/../{sub}/" has the segment ".."`},
		{"upload.prefix", "u/\x7f/", "--upload-prefix: \"u/\\x7f/\" has control characters"},
		{"upload.prefix", "{email}/", `--upload-prefix: template "{email}/" has an unknown placeholder {email}`},
		{"upload.prefix", "{sub/", `--upload-prefix: template "{sub/" has a { without a }`},
		{"upload.prefix", "{identity_id}/", "--upload-prefix: {identity_id} needs an identity pool"},

		{"identity_pool.id", "us-east-1:11111111-2222-3333-4444-555555555555",
			"--identity-pool-id: role.arn is also set (--role-arn): a profile has one of the two\n"},
		{"identity_pool.id", "us-east-1_AbCdEf", "--identity-pool-id: \"us-east-1_AbCdEf\" is not the ID of an identity pool\n"},
		{"identity_pool.id", "us-east-1:1111-2222", "--identity-pool-id: \"us-east-1:1111-2222\" is not the ID of an identity pool\n"},
		{"identity_pool.flow", "basic", "--identity-pool-flow: \"basic\" is not supported by this version: only \"enhanced\" is\n"},
		{"identity_pool.flow", "fast", "--identity-pool-flow: \"fast\" is not a flow: \"enhanced\" is\n"},
		{"identity_pool.guest", "true", "--issuer: a guest does not sign in\n"},

		{"endpoints.sts", "http://sts.example.com", `--endpoints-sts: "http://sts.example.com" must be https: http is only for loopback addresses and localhost`},
		{"endpoints.fips", "1", `--endpoints-fips: "1" is neither true nor false`},
		{"no.such", "1", "no.such: this key has no flag"},
		{"login.client_secret", "marker", "login.client_secret: this key has no flag"},
	} {
		t.Run(tt.key+" "+tt.value[:min(len(tt.value), 30)], func(t *testing.T) {
			t.Parallel()
			flags := inOrder()
			flags[tt.key] = []string{tt.value}
			got := refusal(t, Source{Flags: flags})
			if strings.HasSuffix(tt.want, "\n") { // the other errors follow from it
				got, _, _ = strings.Cut(got, "\n")
			}
			if got != strings.TrimSuffix(tt.want, "\n") {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
		})
	}
	load(t, Source{Flags: inOrder()})
}

func inOrder() map[string][]string {
	return map[string][]string{
		"login.issuer": {"https://idp.example.com"}, "login.client_id": {"c"}, "region": {"us-east-1"},
		"role.arn": {"arn:aws:iam::111122223333:role/r"}, "upload.bucket": {"bucket"}, "upload.prefix": {"u/{sub}/"},
	}
}

func TestRefusedTogether(t *testing.T) {
	t.Parallel()
	google := map[string][]string{"login.preset": {"google"}, "login.client_id": {"c"}, "region": {"us-east-1"}, "role.arn": {"arn:aws:iam::111122223333:role/r"}}
	for _, tt := range []struct {
		name, file, want string
		flags            map[string][]string
	}{
		{"nothing", "", `there is no profile: "config.toml" does not exist`, nil},
		{"empty file", "# nothing yet\n", `there is no profile in "config.toml"`, nil},
		{"empty profile", "\n[profile.p]\n", "config.toml:2:10: login.issuer: missing\nconfig.toml:2:10: login.client_id: missing\n" +
			"config.toml:2:10: neither role.arn nor identity_pool.id is set", nil},
		{"empty command line", "", "--issuer: missing\n--region: missing", map[string][]string{"login.client_id": {"c"}, "role.arn": {"arn:aws:iam::111122223333:role/r"}}},
		{"no secret", "", "DAYPASS_CLIENT_SECRET: missing: Google requires a client secret for desktop apps", google},
		{"role without ARN", "[profile.p]\nlogin = { issuer = 'https://a.example', client_id = 'c' }\nrole.duration = '1h'\n", "config.toml:1:10: role.arn: missing", nil},
		{"pool without ID", "[profile.p]\nlogin = { issuer = 'https://a.example', client_id = 'c' }\nidentity_pool.flow = 'enhanced'\n", "config.toml:1:10: identity_pool.id: missing", nil},
		{"two secrets", strings.Replace(minimal, `client_secret = "file"`, `client_secret = "marker", client_secret_file = "x"`, 1),
			"config.toml:4:123: login.client_secret_file: client_secret is also set: use one of the two", nil},
		{"two policies", minimal + "role.policy = '{}'\n", `config.toml:7:6: "profile.p.role.policy": key role is already defined`, nil},
		{"both policies", "[profile.p]\nregion='us-east-1'\nlogin={issuer='https://a.example',client_id='c'}\n[profile.p.role]\narn='arn:aws:iam::111122223333:role/r'\npolicy='{}'\npolicy_file='x'\n",
			"config.toml:7:1: role.policy_file: policy is also set: use one of the two", nil},
		{"two logins", "[login.a]\n[login.b]\n[profile.p]\nlogins=['a','b']\n", "config.toml:4:1: logins: 2 logins: only one is supported by this version", nil},
		{"missing login", "[login.google]\n[profile.p]\nlogins=['gogle']\n", `config.toml:3:1: logins: there is no shared login "gogle"; did you mean "google"?`, nil},
		{"shared and own", "[login.a]\n[profile.p]\nlogins=['a']\nlogin.issuer='x'\n", "config.toml:4:7: login.issuer: the profile has both a shared login (logins) and its own", nil},
		{"pool with {sub}", "[profile.p]\nregion='us-east-1'\nlogin={issuer='https://a.example',client_id='c'}\nidentity_pool.id='us-east-1:11111111-2222-3333-4444-555555555555'\nupload={bucket='abc',prefix='{sub}/'}\n",
			"config.toml:5:22: upload.prefix: {sub} needs a role", nil},
		{"no prefix", minimal + "upload.bucket='abc'\n", "config.toml:2:10: upload.prefix: missing", nil},
		{"eleven policies", "", "--role-policy-arns: 11 policies, STS accepts at most 10", with(inOrder(), "role.policy_arns", strings.Fields(strings.Repeat("arn:aws:iam::aws:policy/x ", 11))...)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := refusal(t, source(t, tt.file, nil, tt.flags)); got != tt.want {
				t.Errorf("\n got %s\nwant %s", got, tt.want)
			}
		})
	}
}

func with(flags map[string][]string, key string, values ...string) map[string][]string {
	flags[key] = values
	return flags
}

func TestNamedFileMustExist(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "none.toml")
	env := func(name string) string { return map[string]string{"DAYPASS_CONFIG_FILE": missing}[name] }
	for by, s := range map[string]Source{
		"--config":            {File: missing, Flags: inOrder()},
		"DAYPASS_CONFIG_FILE": {Getenv: env, Flags: inOrder()},
	} {
		_, err := Load(s)
		if err == nil || !strings.HasPrefix(err.Error(), by+": reading ") {
			t.Errorf("%s: %v", by, err)
		}
	}
	if _, err := Load(Source{ConfigDir: filepath.Dir(missing), Flags: inOrder()}); err != nil {
		t.Errorf("a missing default file: %v", err)
	}
	if err := os.WriteFile(missing, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if p := load(t, Source{File: missing, Flags: inOrder()}); p.File != missing {
		t.Errorf("File = %q", p.File)
	}
}
