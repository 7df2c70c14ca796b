package sandbox

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// homeRegion is the region of everything in the sandbox.
const homeRegion = "us-east-1"

// Configure writes configuration that points programs at the sandbox into dir, a private directory: a daypass
// config.toml and an AWS config file, both with the profiles demo (through STS), demo-cognito and demo-guest, and the
// CA bundle if Options.TLS is set. daypass is the command line that starts daypass: a program and the words before
// daypass's own arguments. Configure returns the environment variables, as NAME=value, by which programs find these
// files; daypass's state, runtime files and cache also go into dir.
func (s *Sandbox) Configure(dir string, daypass []string) ([]string, error) {
	at := func(name string) string { return filepath.Join(dir, name) }
	files := map[string]string{"config.toml": s.daypassConfig(), "aws-config": s.awsConfig(daypass)}
	environ := append(s.Environ(),
		// Requests to services that the sandbox does not have go to its STS, which refuses them. Otherwise they would
		// go to the real AWS.
		"AWS_ENDPOINT_URL="+s.STS.URL(), "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=false",
		"AWS_CONFIG_FILE="+at("aws-config"),
		"AWS_SHARED_CREDENTIALS_FILE="+at("aws-credentials"), // does not exist: keys in a profile of that name would override
		"AWS_PROFILE=demo", "AWS_REGION="+homeRegion, "AWS_DEFAULT_REGION="+homeRegion, "AWS_EC2_METADATA_DISABLED=true",
		"DAYPASS_CONFIG_FILE="+at("config.toml"), "DAYPASS_RUNTIME_DIR="+at("run"), "DAYPASS_STATE_DIR="+at("state"),
	)
	if bundle := s.CABundle(); bundle != nil {
		files["ca.pem"] = string(bundle)
		environ = append(environ, "AWS_CA_BUNDLE="+at("ca.pem"))
	}
	for name, text := range files {
		if err := os.WriteFile(at(name), []byte(text), 0o600); err != nil {
			return nil, fmt.Errorf("writing the sandbox's configuration: %w", err)
		}
	}
	return environ, nil
}

// daypassConfig returns a config.toml. The guest profile has no login: guests do not sign in.
func (s *Sandbox) daypassConfig() string {
	var b strings.Builder
	fmt.Fprintf(&b, "default_profile = \"demo\"\n\n[login.sandbox]\nissuer    = %q\nclient_id = %q\n", s.IdP.URL(), s.account.audiences[0])
	profile := func(name, login, becomes, prefix string) {
		fmt.Fprintf(&b, "\n[profile.%s]\nregion = %q\n%s\n%s\n", name, homeRegion, login, becomes)
		fmt.Fprintf(&b, "\n[profile.%s.upload]\nbucket = %q\nprefix = %q\n", name, s.account.bucket, prefix)
		fmt.Fprintf(&b, "\n[profile.%s.endpoints]\nsts              = %q\ns3               = %q\ncognito_identity = %q\n",
			name, s.STS.URL(), s.S3.URL(), s.Cognito.URL())
	}
	pool := "id = \"" + PoolID + "\""
	login := "logins = [\"sandbox\"]\n"
	profile("demo", login, "[profile.demo.role]\narn = \""+s.RoleARN+"\"", s.account.prefix)
	profile("demo-cognito", login, "[profile.demo-cognito.identity_pool]\n"+pool, "u/{identity_id}/")
	profile("demo-guest", "", "[profile.demo-guest.identity_pool]\n"+pool+"\nguest = true", "u/{identity_id}/")
	return b.String()
}

// awsConfig returns an AWS_CONFIG_FILE. It names the endpoints too, for programs that only read AWS_CONFIG_FILE.
func (s *Sandbox) awsConfig(daypass []string) string {
	var b strings.Builder
	for _, name := range []string{"demo", "demo-cognito", "demo-guest"} {
		fmt.Fprintf(&b, "[profile %s]\nregion = %s\nendpoint_url = %s\nservices = sandbox\ncredential_process = %s credentials --profile %s\n\n",
			name, homeRegion, s.STS.URL(), commandLine(daypass), name)
	}
	fmt.Fprintf(&b, "[services sandbox]\nsts =\n  endpoint_url = %s\ns3 =\n  endpoint_url = %s\ncognito_identity =\n  endpoint_url = %s\n",
		s.STS.URL(), s.S3.URL(), s.Cognito.URL())
	return b.String()
}
