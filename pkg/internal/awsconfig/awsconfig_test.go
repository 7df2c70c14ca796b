package awsconfig

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Lines are counted from 1.
func TestShadows(t *testing.T) {
	t.Parallel()
	const keys = "aws_access_key_id = AKIA\naws_secret_access_key = s3cr3t\n"
	const process = "credential_process = /usr/local/bin/daypass-credentials --profile photos\n"
	type hit struct {
		file    string
		line    int
		profile string
		some    bool
	}
	for _, row := range []struct {
		name, config, credentials string
		want                      []hit
	}{
		{"nothing", "", "", nil},
		{"the same name", "", "[photos]\n" + keys, []hit{{"credentials", 2, "photos", false}}},
		{"another name", "", "[other]\n" + keys, nil},
		{"spelled by hand", "", "\ufeff; mine\r\n[ photos ] # here\r\n  AWS_Access_Key_ID : AKIA\r\n  region=x\r\n", []hit{{"credentials", 3, "photos", false}}},
		{"commented out", "", "[photos]\n#aws_access_key_id = AKIA\n;aws_access_key_id = AKIA\naws_access_key_id =\n", nil},
		{"part of another value", "", "[photos]\ns3 =\n  aws_access_key_id = AKIA\n", nil},
		{"before any section", "", keys, nil},
		{"the config file's header in the other", "", "[profile photos]\n" + keys, nil},
		{"another name that runs daypass", "[profile pics]\n" + process, "[pics]\n" + keys, []hit{{"credentials", 2, "pics", false}}},
		{"default, which runs daypass", "[default]\n" + process, "[default]\n" + keys, []hit{{"credentials", 2, "default", false}}},
		{"default, which does not", "[profile photos]\n" + process, "[default]\n" + keys, nil},
		{"default, which runs it for another profile", "[default]\ncredential_process = daypass credentials -p other\n", "[default]\n" + keys, nil},
		{"no profile named", "[default]\ncredential_process = \"C:\\Program Files\\daypass.exe\" credentials\n", "[default]\n" + keys, []hit{{"credentials", 2, "default", false}}},
		{"another process", "[default]\ncredential_process = other --profile photos\n", "[default]\n" + keys, nil},
		{"beside the process", "[profile photos]\n" + process + keys, "", []hit{{"config", 3, "photos", true}}},
		{"quoted", "[profile \"photos\"]\n" + process + keys, "", []hit{{"config", 3, "photos", true}}},
		{"without a process", "[profile photos]\n" + keys, "", nil},
		{"no profile's section", "[photos]\n" + process + keys + "[services photos]\n" + process + keys, "", nil},
		{"single sign-on", "[profile photos]\nsso_session = corp\n" + process, "", []hit{{"config", 2, "photos", false}}},
		{"a web identity", "[profile photos]\n" + process + "web_identity_token_file = /t\n", "", []hit{{"config", 3, "photos", false}}},
	} {
		dir := t.TempDir()
		f := Files{filepath.Join(dir, "config"), filepath.Join(dir, "credentials")}
		write(t, f.Config, row.config)
		write(t, f.Credentials, row.credentials)
		var got []hit
		for _, s := range f.Shadows("photos") {
			got = append(got, hit{filepath.Base(s.File), s.Line, s.Profile, s.Some})
			if s.Setting == "" {
				t.Errorf("%s: the setting is not named", row.name)
			}
		}
		if !reflect.DeepEqual(got, row.want) {
			t.Errorf("%s: %+v, want %+v", row.name, got, row.want)
		}
	}
}

// A file that cannot be read is skipped.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	for _, f := range []Files{{}, {"/nonexistent/config", "/nonexistent/credentials"}, {t.TempDir(), t.TempDir()}} {
		if got := f.Shadows("photos"); got != nil {
			t.Errorf("%+v: %+v, want nothing", f, got)
		}
	}
}

func TestLocate(t *testing.T) {
	t.Parallel()
	home := filepath.Join("/home", "alice")
	for _, row := range []struct {
		variables map[string]string
		home      string
		want      Files
	}{
		{nil, home, Files{filepath.Join(home, ".aws", "config"), filepath.Join(home, ".aws", "credentials")}},
		{nil, "", Files{}},
		{map[string]string{"AWS_CONFIG_FILE": "/a", "AWS_SHARED_CREDENTIALS_FILE": "~/b"}, home, Files{"/a", filepath.Join(home, "b")}},
	} {
		if got := Locate(func(name string) string { return row.variables[name] }, row.home); got != row.want {
			t.Errorf("Locate with %v and home %q = %+v, want %+v", row.variables, row.home, got, row.want)
		}
	}
}
