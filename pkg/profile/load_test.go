package profile

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/secret"
)

// source returns a Source with a file's text, variables and flags.
func source(t *testing.T, file string, env map[string]string, flags map[string][]string) Source {
	t.Helper()
	dir := t.TempDir()
	if file != "" {
		write(t, filepath.Join(dir, "config.toml"), file)
	}
	return Source{ConfigDir: dir, Flags: flags, Getenv: func(name string) string { return env[name] }}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func load(t *testing.T, s Source) Profile {
	t.Helper()
	p, err := Load(s)
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return p
}

// design is the manual's example, without what is not supported yet.
const design = `
default_profile = "photos"                 # the default when there are several

[login.google]                       # shared by name: profiles say logins = ["google"]
preset        = "google"             # fills only what is left open
client_id     = "1234.apps.googleusercontent.com"
client_secret = "GOCSPX-marker"
login_hint    = "alice@example.com"  # two accounts, two logins

[profile.photos]
region  = "us-east-1"
sign_in = "never"

[profile.photos.login]
issuer       = "https://idp.example.com"
client_id    = "daypass"
scopes       = ["openid", "profile"]
redirect_uri = ["http://localhost:8400/callback", "http://127.0.0.1:0/callback"]
method       = "browser"

[profile.photos.role]
arn          = "arn:aws:iam::111122223333:role/PhotoUploader"
session_name = "{email}"
duration     = "1h"
policy       = '''{"Version": "2012-10-17"}'''
policy_arns  = ["arn:aws:iam::aws:policy/ReadOnlyAccess"]

[profile.photos.upload]
bucket = "your-photo-bucket"
prefix = "uploads/{sub}/"

[profile.photos.endpoints]
s3         = ""
path_style = false

[profile.team]
region = "eu-west-1"
logins = ["google"]

[profile.team.identity_pool]
id    = "us-east-1:11111111-2222-3333-4444-555555555555"
flow  = "enhanced"
guest = false

[profile.team.upload]
bucket = "team"
prefix = "u/{identity_id}/"
`

func TestLoadFile(t *testing.T) {
	t.Parallel()
	p := load(t, source(t, design, nil, nil))
	if p.Name != "photos" || p.Region != "us-east-1" || p.SignIn != SignInNever || !p.Agent || filepath.Base(p.File) != "config.toml" {
		t.Errorf("profile = %+v", p)
	}
	wantLogin := Login{Issuer: "https://idp.example.com", ClientID: "daypass", Scopes: []string{"openid", "profile"},
		RedirectURIs: []string{"http://localhost:8400/callback", "http://127.0.0.1:0/callback"}, Method: "browser"}
	if !reflect.DeepEqual(p.Login, wantLogin) {
		t.Errorf("login = %+v, want %+v", p.Login, wantLogin)
	}
	if r := p.Role; r.ARN != "arn:aws:iam::111122223333:role/PhotoUploader" || r.SessionName.String() != "{email}" ||
		r.Duration != time.Hour || r.Policy != `{"Version": "2012-10-17"}` ||
		!reflect.DeepEqual(r.PolicyARNs, []string{"arn:aws:iam::aws:policy/ReadOnlyAccess"}) {
		t.Errorf("role = %+v", r)
	}
	if p.Upload.Bucket != "your-photo-bucket" || p.Upload.Prefix.String() != "uploads/{sub}/" {
		t.Errorf("upload = %+v", p.Upload)
	}
	if p.Endpoints != (Endpoints{}) || p.IdentityPool != (IdentityPool{}) {
		t.Errorf("endpoints = %+v, pool = %+v, want none", p.Endpoints, p.IdentityPool)
	}
}

func TestLoadSharedLoginAndPool(t *testing.T) {
	t.Parallel()
	s := source(t, design, nil, nil)
	s.Name = "team"
	p := load(t, s)
	want := Login{Name: "google", Preset: "google", Issuer: "https://accounts.google.com",
		ClientID: "1234.apps.googleusercontent.com", LoginHint: "alice@example.com", ClientSecret: p.Login.ClientSecret,
		Scopes: []string{"openid", "email"}, OfflineAccess: true, AgainPrompt: "select_account consent", Method: "browser",
		AuthParams: map[string]string{"access_type": "offline"}, ConsentForRefresh: true}
	if !reflect.DeepEqual(p.Login, want) || p.Login.ClientSecret.Reveal() != "GOCSPX-marker" {
		t.Errorf("login = %+v, want %+v", p.Login, want)
	}
	if p.IdentityPool.Flow != "enhanced" || p.IdentityPool.Region() != "us-east-1" || p.Region != "eu-west-1" {
		t.Errorf("pool = %+v, region %q", p.IdentityPool, p.Region)
	}
	for key, want := range map[string]string{
		"login.issuer": "preset google", "login.client_id": ":6:1", "region": ":37:1", "sign_in": "", "upload.bucket": ":46:1",
	} {
		if got := p.Origin(key); !strings.HasSuffix(got, want) || want == "" && got != "" {
			t.Errorf("Origin(%q) = %q, want …%q", key, got, want)
		}
	}
}

// Scopes that are set are requested as they are; offline_access is only added to the default scopes.
func TestScopesAndPrompt(t *testing.T) {
	t.Parallel()
	flags := func(more map[string][]string) Source {
		all := map[string][]string{"login.issuer": {"https://idp.example.com"}, "login.client_id": {"daypass"}, "region": {"us-east-1"},
			"role.arn": {"arn:aws:iam::111122223333:role/r"}}
		maps.Copy(all, more)
		return Source{Flags: all}
	}
	for _, row := range []struct {
		more          map[string][]string
		offline       bool
		prompt, again string
	}{
		{nil, true, "", ""},
		{map[string][]string{"login.scopes": {"openid", "email"}}, false, "", ""},
		{map[string][]string{"login.prompt": {"login consent"}}, true, "login consent", ""},
		{map[string][]string{"login.issuer": {"https://accounts.google.com"}, "login.prompt": {"consent"}}, true, "consent", "select_account consent"},
		{map[string][]string{"login.preset": {"gitlab"}}, true, "", ""},
	} {
		l := load(t, flags(row.more)).Login
		if l.OfflineAccess != row.offline || l.Prompt != row.prompt || l.AgainPrompt != row.again {
			t.Errorf("%v: %+v, want %+v", row.more, l, row)
		}
	}
	if _, err := Load(flags(map[string][]string{"login.prompt": {"none login"}})); err == nil || !strings.Contains(err.Error(), "none cannot be combined with other values") {
		t.Errorf("none with another value: %v", err)
	}
}

// The whole profile comes from a credential_process line, without a file.
func TestLoadFlagsAlone(t *testing.T) {
	t.Parallel()
	flags := map[string][]string{
		"login.issuer": {"https://idp.example.com"}, "login.client_id": {"daypass"}, "region": {"us-east-1"},
		"role.arn": {"arn:minio:iam:::role/abc"}, "login.scopes": {"openid", "groups"},
	}
	p := load(t, Source{Flags: flags})
	if p.Name != "" || p.File != "" || p.Role.ARN != "arn:minio:iam:::role/abc" || len(p.Login.Scopes) != 2 {
		t.Errorf("profile = %+v", p)
	}
	if got := p.Origin("role.arn"); got != "--role-arn" {
		t.Errorf("origin = %q", got)
	}
	several := source(t, "[profile.a]\n[profile.b]\n", nil, flags)
	if p := load(t, several); p.Name != "" || p.File == "" {
		t.Errorf("beside a file of several profiles: %+v", p)
	}
}

func TestLoadInlineTablesAndDottedKeys(t *testing.T) {
	t.Parallel()
	p := load(t, source(t, `
[profile.one]
login = { issuer = "http://127.0.0.1:5556/dex", client_id = "daypass", redirect_uri = "http://localhost:8000" }
role.arn = "arn:aws-cn:iam::111122223333:role/path/x"
region = "cn-north-1"
agent = false
`, nil, nil))
	if p.Name != "one" || p.Agent || p.Login.Issuer != "http://127.0.0.1:5556/dex" || p.Login.RedirectURIs[0] != "http://localhost:8000" {
		t.Errorf("profile = %+v", p)
	}
}

const minimal = `
[profile.p]
region = "us-east-1"
login = { issuer = "https://file.example.com", client_id = "file", scopes = ["openid", "file"], client_secret = "file" }
role = { arn = "arn:aws:iam::111122223333:role/file", duration = "1h" }
agent = false
`

// Each kind of value can be set in the file, by a variable and by a flag.
func TestPrecedence(t *testing.T) {
	t.Parallel()
	env := map[string]string{
		"DAYPASS_ISSUER": "https://env.example.com", "DAYPASS_SCOPES": " openid  env\n", "DAYPASS_ROLE_DURATION": "2h",
		"DAYPASS_AGENT": "TRUE", "DAYPASS_REGION": "eu-west-1", "AWS_REGION": "ap-south-1", "DAYPASS_CLIENT_SECRET": "env",
	}
	flags := map[string][]string{
		"login.issuer": {"https://first.example.com", "https://flag.example.com"}, "login.scopes": {"openid", "flag"},
		"role.duration": {"3h"}, "agent": {"false"}, "region": {"sa-east-1"},
	}
	for _, tt := range []struct {
		by                            string
		s                             Source
		issuer, scope, secret, region string
		duration                      time.Duration
		agent                         bool
		origin                        string
	}{
		{"file", source(t, minimal, map[string]string{"AWS_REGION": "x"}, nil), "https://file.example.com", "file", "file", "us-east-1", time.Hour, false, ":4:11"},
		{"variable", source(t, minimal, env, nil), "https://env.example.com", "env", "env", "eu-west-1", 2 * time.Hour, true, "DAYPASS_ISSUER"},
		{"flag", source(t, minimal, env, flags), "https://flag.example.com", "flag", "env", "sa-east-1", 3 * time.Hour, false, "--issuer"},
	} {
		p := load(t, tt.s)
		if p.Login.Issuer != tt.issuer || p.Login.Scopes[1] != tt.scope || p.Region != tt.region || p.Agent != tt.agent ||
			p.Role.Duration != tt.duration || !p.Login.ClientSecret.Equal(secret.New(tt.secret)) {
			t.Errorf("%s: %+v", tt.by, p)
		}
		if got := p.Origin("login.issuer"); !strings.HasSuffix(got, tt.origin) {
			t.Errorf("%s: origin %q, want …%q", tt.by, got, tt.origin)
		}
	}
}

// An empty flag overrides the file's value, and a key of a higher layer removes its rival from a lower one.
func TestTakingBack(t *testing.T) {
	t.Parallel()
	pool := "us-east-1:11111111-2222-3333-4444-555555555555"
	p := load(t, source(t, minimal, nil, map[string][]string{"role.arn": {""}, "role.duration": {""}, "identity_pool.id": {pool}}))
	if p.Role.ARN != "" || p.IdentityPool.ID != pool {
		t.Errorf("role %q, pool %q", p.Role.ARN, p.IdentityPool.ID)
	}
	file := filepath.Join(t.TempDir(), "secret")
	write(t, file, "from-file\r\n")
	p = load(t, source(t, minimal, nil, map[string][]string{"login.client_secret_file": {file}}))
	if got := p.Login.ClientSecret.Reveal(); got != "from-file" {
		t.Errorf("secret = %q", got)
	}
}

func TestFilesOfAProfile(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	s := source(t, `
[profile.p]
region = "us-east-1"
ca_bundle = "ca.pem"
login = { issuer = "https://idp.example.com", client_id = "c", client_secret_file = "~/secret" }
role = { arn = "arn:aws:iam::111122223333:role/r", policy_file = "session.json" }
`, map[string]string{"HOME": home, "USERPROFILE": home, "AWS_CA_BUNDLE": "other.pem"}, nil)
	write(t, filepath.Join(home, "secret"), "s3cret\n")
	write(t, filepath.Join(s.ConfigDir, "session.json"), "{ }\n")
	p := load(t, s)
	if p.Login.ClientSecret.Reveal() != "s3cret" || p.Role.Policy != "{ }" || p.CABundle != filepath.Join(s.ConfigDir, "ca.pem") {
		t.Errorf("profile = %+v", p)
	}
}
