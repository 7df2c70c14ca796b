package credential

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/daypass/daypass/pkg/secret"
)

func TestParseShell(t *testing.T) {
	t.Parallel()
	tests := map[string]Shell{
		"sh": Sh, "bash": Bash, "zsh": Zsh, "fish": Fish, "powershell": PowerShell, "cmd": Cmd,
		"dotenv": Dotenv, "json": JSON, "process": Process, "dash": Sh, "pwsh": PowerShell,
		"env": Sh, "env-no-export": Dotenv, "windows-cmd": Cmd,
	}
	for name, want := range tests {
		if got, err := ParseShell(name); got != want || err != nil {
			t.Errorf("ParseShell(%q) = %q, %v, want %q", name, got, err, want)
		}
	}
}

func TestParseShellRefuses(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"", "csh", "BASH", "bash "} {
		_, err := ParseShell(name)
		if err == nil {
			t.Errorf("ParseShell(%q) succeeded", name)
			continue
		}
		for known := range strings.FieldsSeq("sh bash zsh fish powershell cmd dotenv json process env env-no-export windows-cmd") {
			if !strings.Contains(err.Error(), known) {
				t.Errorf("ParseShell(%q): %v does not list %s", name, err, known)
			}
		}
	}
}

// awkward returns an environment that sets two variables, with every shell's quotes in them, and unsets two.
func awkward() Environment {
	return Environment{
		Set:   []Variable{{"A", secret.New("plain/+=")}, {"B", secret.New(`it's $(a) \ “’”`)}},
		Unset: []string{"C", "D"},
	}
}

func TestWriteForms(t *testing.T) {
	t.Parallel()
	tests := map[Shell]string{
		Sh: "unset C D;\n" +
			"export A='plain/+=';\n" +
			`export B='it'\''s $(a) \ “’”';` + "\n",
		Fish: "set -e C D; or true;\n" +
			"set -gx A 'plain/+=';\n" +
			`set -gx B 'it\'s $(a) \\ “’”';` + "\n",
		PowerShell: "Remove-Item Env:C -ErrorAction SilentlyContinue;\n" +
			"Remove-Item Env:D -ErrorAction SilentlyContinue;\n" +
			"$Env:A = 'plain/+=';\n" +
			`$Env:B = 'it''s $(a) \ ' + [char]0x201C + '' + [char]0x2019 + '' + [char]0x201D + '';` + "\n",
		JSON: "{\n" + `  "A": "plain/+=",` + "\n" + `  "B": "it's $(a) \\ “’”"` + "\n}\n",
	}
	tests[Bash], tests[Zsh] = tests[Sh], tests[Sh]
	for shell, want := range tests {
		var out bytes.Buffer
		if err := shell.Write(&out, awkward()); err != nil || out.String() != want {
			t.Errorf("%s: error %v, got\n%swant\n%s", shell, err, out.String(), want)
		}
	}
}

func TestWriteBareForms(t *testing.T) {
	t.Parallel()
	e := Environment{Set: awkward().Set[:1], Unset: awkward().Unset}
	tests := map[Shell]string{
		Cmd:    "set \"C=\"\nset \"D=\"\nset \"A=plain/+=\"\n",
		Dotenv: "A=plain/+=\n",
	}
	for shell, want := range tests {
		var out bytes.Buffer
		if err := shell.Write(&out, e); err != nil || out.String() != want {
			t.Errorf("%s: error %v, got\n%swant\n%s", shell, err, out.String(), want)
		}
		for _, value := range []string{"a b", "%PATH%", "a!b!", "a^", `a"b`, "a'b", "$a", "a&b", "a#b", `a\b`, "ü", "a`b"} {
			refuses(t, shell, "A", value)
		}
	}
}

func refuses(t *testing.T, shell Shell, name, value string) {
	t.Helper()
	var out bytes.Buffer
	err := shell.Write(&out, Environment{Set: []Variable{{name, secret.New(value)}}})
	if err == nil || out.Len() > 0 {
		t.Errorf("%s of %s=%q: error %v and %q, want an error and nothing", shell, name, value, err, out.String())
	} else if len(value) > 2 && strings.Contains(err.Error(), value) {
		t.Errorf("%s of %s=%q: the error quotes the value: %v", shell, name, value, err)
	}
}

func TestWriteRefusesInEveryForm(t *testing.T) {
	t.Parallel()
	for _, shell := range []Shell{Sh, Bash, Zsh, Fish, PowerShell, Cmd, Dotenv, JSON, Process} {
		for _, value := range []string{"a\x00b", "a\nb", "a\rb", "a\tb", "a\x1b[1m", "a\x7fb", "a\u0085b", "a\u2028b", "a\xffb"} {
			refuses(t, shell, "A", value)
		}
		for _, name := range []string{"", "1A", "A B", "A;id", "A=B", "Ä", "A\n"} {
			refuses(t, shell, name, "v")
		}
	}
	if err := Sh.Write(&bytes.Buffer{}, Environment{Unset: []string{"A;id"}}); err == nil {
		t.Error("unsetting an invalid name succeeded")
	}
	if err := Shell("csh").Write(&bytes.Buffer{}, awkward()); err == nil {
		t.Error("writing for an unknown shell succeeded")
	}
}

func TestWriteFailureForms(t *testing.T) {
	t.Parallel()
	tests := map[Shell]string{
		Sh:         "unset C D;\nfalse;\n",
		Fish:       "set -e C D; or true;\nfalse;\n",
		PowerShell: "Remove-Item Env:C -ErrorAction SilentlyContinue;\nRemove-Item Env:D -ErrorAction SilentlyContinue;\nthrow 'daypass: there is no credential';\n",
		Cmd:        "set \"C=\"\nset \"D=\"\nexit /b 1\n",
		Dotenv:     "", JSON: "", Process: "",
	}
	for shell, want := range tests {
		var out bytes.Buffer
		if err := shell.WriteFailure(&out, awkward()); err != nil || out.String() != want {
			t.Errorf("%s: error %v, got\n%swant\n%s", shell, err, out.String(), want)
		}
	}
}

func TestProcessForm(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := Process.Write(&out, NewEnvironment(sample(), Place{Region: "eu-west-1"})); err != nil {
		t.Fatal(err)
	}
	readBack(t, sample(), out.Bytes())
	if err := Process.Write(&bytes.Buffer{}, UnsetEnvironment()); err == nil {
		t.Error("printing what to unset as a credential process document succeeded")
	}
}

func names(e Environment) string {
	var set []string
	for _, v := range e.Set {
		set = append(set, v.Name)
	}
	return strings.Join(set, " ") + " | " + strings.Join(e.Unset, " ")
}

func TestNewEnvironment(t *testing.T) {
	t.Parallel()
	bare := Credential{AccessKeyID: "AKIA", SecretAccessKey: secret.New("s")}
	const shadows = "AWS_PROFILE AWS_DEFAULT_PROFILE AWS_CONTAINER_CREDENTIALS_RELATIVE_URI " +
		"AWS_CONTAINER_CREDENTIALS_FULL_URI AWS_CONTAINER_AUTHORIZATION_TOKEN AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE " +
		"AWS_WEB_IDENTITY_TOKEN_FILE AWS_ROLE_ARN"
	tests := []struct {
		name string
		e    Environment
		want string
	}{
		{"all", NewEnvironment(sample(), Place{"eu-west-1", map[string]string{"AWS_ENDPOINT_URL_STS": "https://b", "AWS_ENDPOINT_URL_S3": "https://a"}, "/ca.pem"}),
			"AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_CREDENTIAL_EXPIRATION AWS_REGION AWS_DEFAULT_REGION " +
				"AWS_ENDPOINT_URL_S3 AWS_ENDPOINT_URL_STS AWS_CA_BUNDLE AWS_EC2_METADATA_DISABLED | AWS_SECURITY_TOKEN " + shadows},
		{"bare", NewEnvironment(bare, Place{}),
			"AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_EC2_METADATA_DISABLED | AWS_SESSION_TOKEN AWS_CREDENTIAL_EXPIRATION AWS_SECURITY_TOKEN " + shadows},
		{"unset", UnsetEnvironment(),
			" | AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_CREDENTIAL_EXPIRATION AWS_SECURITY_TOKEN AWS_EC2_METADATA_DISABLED"},
	}
	for _, tt := range tests {
		if got := names(tt.e); got != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
	expiration := NewEnvironment(sample(), Place{}).Set[3].Value.Reveal()
	if want := noon.Add(time.Hour).Format(time.RFC3339); expiration != want {
		t.Errorf("AWS_CREDENTIAL_EXPIRATION = %s, want %s", expiration, want)
	}
}
