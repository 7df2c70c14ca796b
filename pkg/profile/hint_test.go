package profile

import (
	"errors"
	"strings"
	"testing"
)

// Each row is a beginner's mistake with the hint that follows the error.
func TestHints(t *testing.T) {
	t.Parallel()
	const whole = "[profile.p]\nlogin = { issuer = 'https://idp.example.com', client_id = 'c' }\nrole.arn = 'arn:aws:iam::111122223333:role/r'\n"
	const quotes = `a string needs quotes: region = "us-east-1"`
	for _, tt := range []struct{ name, file, message, hint string }{
		{"unquoted", "[profile.p]\nregion = us-east-1\n", "unexpected character U+0075 'u' at start of value", quotes},
		{"unquoted digits", "[profile.p.login]\nclient_id = 1234.apps.example.com\n", "", quotes},
		{"unquoted URL", "[profile.p.login]\nissuer = https://idp.example.com\n", "", quotes},
		{"open text", "[profile.p]\nregion = \"us-east-1\n", "", ""},
		{"UTF-16", "\xff\xfe[\x00p\x00", "is UTF-16", "save it as UTF-8"},
		{"big-endian UTF-16", "\xfe\xff\x00[\x00p", "is UTF-16", "save it as UTF-8"},
		{"profile twice", "profile = 'photos'\n[profile.photos]\n", `"profile.photos": key profile already exists as a value`, `write default_profile = "photos"`},
		{"another key twice", "[profile.p]\nregion = 'a'\nregion = 'b'\n", `"profile.p.region": key region is already defined`, ""},
		{"no [profile.…]", "[photos]\nregion = 'us-east-1'\n", `unknown key "photos"; did you mean [profile.photos]?`, "known here: default_profile, login, profile"},
		{"no [profile.…], odd name", "['my photos']\n", `unknown key "my photos"; did you mean [profile."my photos"]?`, "known here: default_profile, login, profile"},
		{"not a table", "photos = 'us-east-1'\n", `unknown key "photos"`, "known here: default_profile, login, profile"},
		{"two brackets", "[[profile.photos]]\n", "profile.photos: is an array of tables, not a table", "write [profile.photos]"},
		{"no such login", "[profile.p]\nlogins = ['work']\n", `logins: there is no shared login "work"`, "write [login.work]"},
		{"a preset as login", "[profile.p]\nlogins = ['google']\n", `logins: there is no shared login "google"`, `write [login.google], or preset = "google" in [profile.p.login]`},
		{"another login", "[login.idp]\n[profile.p]\nlogins = ['work']\n", `logins: there is no shared login "work"`, "there are: idp"},
		{"no file", "", `there is no profile: "config.toml" does not exist`,
			"write one (daypass help profile-flags shows an example), or use --issuer or --preset, --client-id, --role-arn and --region"},
		{"endpoint without scheme", whole + "region = 'us-east-1'\nendpoints.s3 = 'localhost:9000'\n", `endpoints.s3: "localhost:9000" is not a URL`, "such as http://localhost:9000"},
		{"issuer without scheme", "[profile.p]\nregion = 'us-east-1'\nlogin = { issuer = 'idp.example.com', client_id = 'c' }\nrole.arn = 'arn:aws:iam::111122223333:role/r'\n",
			`login.issuer: "idp.example.com" is not a URL`, "such as https://idp.example.com"},
		{"no URL at all", whole + "region = 'us-east-1'\nendpoints.s3 = 'a b'\n", "", ""},
		{"bucket as URL", whole + "region = 'us-east-1'\nupload = { bucket = 's3://photos', prefix = 'u/' }\n", `upload.bucket: "s3://photos" is not the name of a bucket`, "remove s3://"},
		{"bucket as URL with a prefix", whole + "region = 'us-east-1'\nupload = { bucket = 's3://photos/u', prefix = 'u/' }\n", "",
			"remove s3://, and move what follows the first slash to upload.prefix"},
		{"region's shape", whole + "region = 'useast1'\n", `region: "useast1" is not the name of a region`, "such as us-east-1"},
		{"a zone for a region", whole + "region = 'us-east-1a'\n", `region: "us-east-1a" is not the name of a region`, "such as us-east-1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := source(t, tt.file, nil, nil)
			_, err := Load(s)
			var invalid *Error
			if !errors.As(err, &invalid) {
				t.Fatalf("Load: %v, want an *Error", err)
			}
			if got := strings.ReplaceAll(invalid.Error(), s.ConfigDir+"/", ""); !strings.HasSuffix(got, tt.message) {
				t.Errorf("\n got %s\nwant …%s", got, tt.message)
			}
			if tt.hint != invalid.Hint {
				t.Errorf("\n got hint %s\nwant hint %s", invalid.Hint, tt.hint)
			}
		})
	}
}

// Regions of other servers have other forms: only a region for AWS's endpoints must have AWS's form.
func TestRegionShapes(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"us-east-1": true, "us-gov-west-1": true, "ap-southeast-7": true, "eusc-de-east-1": true, "cn-north-1": true,
		"aws-global": true, "aws-cn-global": true,
		"useast1": false, "us-east": false, "us-east-1a": false, "east-1": false, "us_east_1": false, "1-2-3": false, "aws-1": false, "": false,
	} {
		if got := awsRegion(name); got != want {
			t.Errorf("awsRegion(%q) = %t, want %t", name, got, want)
		}
	}
	garage := minimal + "\nendpoints = { sts = 'https://s.example', s3 = 'https://s.example' }"
	s := source(t, garage, nil, map[string][]string{"region": {"garage"}})
	if p := load(t, s); p.Region != "garage" {
		t.Errorf("a server's own region: %q", p.Region)
	}
}
