package profile

import (
	"path/filepath"
	"strings"
	"testing"
)

const twoProfiles = `
[profile.work]
region = "us-east-1"
login = { issuer = "https://idp.example.com", client_id = "c" }
role.arn = "arn:aws:iam::111122223333:role/work"
[profile.home]
region = "us-east-1"
login = { issuer = "https://idp.example.com", client_id = "c" }
role.arn = "arn:aws:iam::111122223333:role/home"
`

func TestChoice(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, file, flag, env string
		want                  string // a profile's name, or an error's text
	}{
		{"the flag before all", "default_profile = 'home'\n" + twoProfiles, "work", "home", "work"},
		{"the variable before the file", "default_profile = 'home'\n" + twoProfiles, "", "work", "work"},
		{"the file's default", "default_profile = 'home'\n" + twoProfiles, "", "", "home"},
		{"the only one", minimal, "", "", "p"},
		{"none", twoProfiles, "", "", "config.toml: there are several profiles and no default: home, work"},
		{"unknown flag", twoProfiles, "wrok", "", `--profile: there is no profile "wrok"; did you mean "work"? (there are: home, work)`},
		{"unknown variable", twoProfiles, "", "x", `DAYPASS_PROFILE: there is no profile "x" (there are: home, work)`},
		{"unknown default", "default_profile = 'hom'\n" + twoProfiles, "", "", `config.toml:1:1: default_profile: there is no profile "hom"; did you mean "home"? (there are: home, work)`},
		{"no file", "", "x", "", `--profile: there is no profile "x": there is no configuration file`},
		{"no profiles", "[login.a]\n", "x", "", `--profile: there is no profile "x": "config.toml" has none`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := source(t, tt.file, map[string]string{"DAYPASS_PROFILE": tt.env}, nil)
			s.Name = tt.flag
			if len(tt.want) > 4 {
				if got := refusal(t, s); got != tt.want {
					t.Errorf("\n got %s\nwant %s", got, tt.want)
				}
			} else if got := load(t, s).Name; got != tt.want {
				t.Errorf("chose %q, want %q", got, tt.want)
			}
		})
	}
}

// Flags that are not a whole profile change the chosen one, but do not replace the choice.
func TestChoiceWithSomeFlags(t *testing.T) {
	t.Parallel()
	s := source(t, twoProfiles, nil, map[string][]string{"role.arn": {"arn:aws:iam::111122223333:role/other"}})
	if got := refusal(t, s); !strings.Contains(got, "several profiles") {
		t.Errorf("without a choice: %s", got)
	}
	s.Flags["profile"] = []string{"home"}
	if p := load(t, s); p.Name != "home" || p.Role.ARN != "arn:aws:iam::111122223333:role/other" {
		t.Errorf("profile = %+v", p)
	}
	s.Flags = map[string][]string{"logins": {"x"}, "role.arn": {"arn:aws:iam::111122223333:role/r"}, "region": {"us-east-1"}}
	s.Name, s.File = "", filepath.Join(s.ConfigDir, "logins.toml")
	write(t, s.File, twoProfiles+"[login.x]\nissuer = 'https://x.example.com'\nclient_id = 'c'\n")
	if p := load(t, s); p.Name != "" || p.Login.Name != "x" || p.Login.Issuer != "https://x.example.com" {
		t.Errorf("a shared login by flag: %+v", p)
	}
}

// An invalid value in a profile that is not chosen is ignored, but an unknown key is an error.
func TestOtherProfiles(t *testing.T) {
	t.Parallel()
	s := source(t, minimal+"[profile.other]\nregion = 'No Region'\n", nil, nil)
	s.Name = "p"
	load(t, s)
	s = source(t, minimal+"[profile.other]\nregio = 'x'\n", nil, nil)
	s.Name = "p"
	if got := refusal(t, s); got != `config.toml:8:1: unknown key "regio"; did you mean "region"?` {
		t.Error(got)
	}
}
