package profile

import (
	"strings"
	"testing"
)

func TestEndpoints(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name       string
		file       string // further lines of the profile
		env        map[string]string
		want       Endpoints
		wantOrigin string // of endpoints.sts
	}{
		{"none", "", nil, Endpoints{}, ""},
		{"general", "", map[string]string{"AWS_ENDPOINT_URL": "http://localhost:9000"},
			Endpoints{"http://localhost:9000", "http://localhost:9000", "http://localhost:9000", true, false, false}, "AWS_ENDPOINT_URL"},
		{"own before general", "", map[string]string{"AWS_ENDPOINT_URL": "https://a.example", "AWS_ENDPOINT_URL_STS": "https://sts.example",
			"AWS_ENDPOINT_URL_S3": "https://s3.example", "AWS_ENDPOINT_URL_COGNITO_IDENTITY": "https://ci.example"},
			Endpoints{"https://sts.example", "https://s3.example", "https://ci.example", true, false, false}, "AWS_ENDPOINT_URL_STS"},
		{"profile before own", "endpoints = { sts = 'https://p.example', path_style = true }", map[string]string{"AWS_ENDPOINT_URL_STS": "https://sts.example"},
			Endpoints{STS: "https://p.example", PathStyle: true}, ":8:15"},
		{"ignored", "endpoints.s3 = 'https://p.example'", map[string]string{"AWS_ENDPOINT_URL": "https://a.example", "AWS_ENDPOINT_URL_STS": "https://sts.example",
			"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "true"}, Endpoints{S3: "https://p.example", PathStyle: true}, ""},
		{"virtual hosts", "endpoints = { s3 = 'https://[::1]:9000', path_style = false }", nil, Endpoints{S3: "https://[::1]:9000"}, ""},
		{"variants", "", map[string]string{"AWS_USE_FIPS_ENDPOINT": "true", "AWS_USE_DUALSTACK_ENDPOINT": "True"}, Endpoints{FIPS: true, DualStack: true}, ""},
		{"variants of the profile", "endpoints = { fips = false, dual_stack = true }", map[string]string{"AWS_USE_FIPS_ENDPOINT": "true"}, Endpoints{DualStack: true}, ""},
		{"not about us", "", map[string]string{"AWS_ENDPOINT_URL_S3": "http://minio:9000"}, Endpoints{S3: "http://minio:9000", PathStyle: true}, ""},
	} {
		p := load(t, source(t, minimal+"\n"+tt.file, tt.env, nil))
		if p.Endpoints != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.name, p.Endpoints, tt.want)
		}
		if got := p.Origin("endpoints.sts"); !strings.HasSuffix(got, tt.wantOrigin) || tt.wantOrigin == "" && got != "" {
			t.Errorf("%s: origin %q, want …%q", tt.name, got, tt.wantOrigin)
		}
	}
}

func TestRefusedAWSVariables(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ value, want string }{
		"AWS_ENDPOINT_URL_STS":       {"http://sts.example", `AWS_ENDPOINT_URL_STS: "http://sts.example" is http to another machine: https is needed, http is for loopback addresses and localhost`},
		"AWS_USE_FIPS_ENDPOINT":      {"yes", `AWS_USE_FIPS_ENDPOINT: "yes" is neither true nor false`},
		"AWS_USE_DUALSTACK_ENDPOINT": {"1", `AWS_USE_DUALSTACK_ENDPOINT: "1" is neither true nor false`},
		"DAYPASS_ROLE_ARN":           {"arn:aws:iam::111122223333:user/marker", `DAYPASS_ROLE_ARN: "arn:aws:iam::111122223333:user/marker" is not the ARN of a role: it names "user", not a role`},
		"DAYPASS_LOGINS":             {"a b", "DAYPASS_LOGINS: 2 logins: only one is supported by this version"},
	} {
		if got := refusal(t, source(t, minimal, map[string]string{name: tt.value}, nil)); got != tt.want {
			t.Errorf("\n got %s\nwant %s", got, tt.want)
		}
	}
}

func TestRegion(t *testing.T) {
	t.Parallel()
	const login = "[profile.p]\nlogin = { issuer = 'https://idp.example.com', client_id = 'c' }\n"
	const role = login + "role.arn = 'arn:aws:iam::111122223333:role/r'\n"
	const pool = login + "identity_pool.id = 'eu-west-1:11111111-2222-3333-4444-555555555555'\n"
	const bucket = "upload = { bucket = 'abc', prefix = 'u/' }\n"
	aws := map[string]string{"AWS_REGION": "us-west-1", "AWS_DEFAULT_REGION": "us-west-2"}
	for _, tt := range []struct {
		name, file string
		env        map[string]string
		want       string // a region, or an error's text
	}{
		{"profile", role + "region = 'us-east-2'", aws, "us-east-2"},
		{"AWS_REGION", role, aws, "us-west-1"},
		{"AWS_DEFAULT_REGION", role, map[string]string{"AWS_DEFAULT_REGION": "us-west-2"}, "us-west-2"},
		{"role without", role, nil, "config.toml:1:10: region: missing"},
		{"role at a custom STS", role + "endpoints.sts = 'https://minio.example'", nil, "us-east-1"},
		{"role at a custom STS, AWS's own S3", role + bucket + "endpoints.sts = 'https://minio.example'", nil, "config.toml:1:10: region: missing"},
		{"all custom", role + bucket, map[string]string{"AWS_ENDPOINT_URL": "https://minio.example"}, "us-east-1"},
		{"pool", pool, nil, "eu-west-1"},
		{"pool and bucket", pool + bucket, nil, "config.toml:1:10: region: missing"},
		{"pool and custom bucket", pool + bucket + "endpoints.s3 = 'https://minio.example'", nil, "eu-west-1"},
	} {
		s := source(t, tt.file, tt.env, nil)
		if strings.Contains(tt.want, ":") {
			if got := refusal(t, s); got != tt.want {
				t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
			}
		} else if got := load(t, s).Region; got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestSecureURL(t *testing.T) {
	t.Parallel()
	for _, good := range []string{"https://a.example", "https://a.example:8443/path/", "http://localhost", "http://LOCALHOST:1/x",
		"http://127.0.0.1:0", "http://127.9.9.9", "http://[::1]:80/"} {
		if err := checkSecureURL(good); err != nil {
			t.Errorf("checkSecureURL(%q): %v", good, err)
		}
	}
	for _, bad := range []string{"", "a.example", "//a.example", "https://", "https:a.example", "http://a.example", "http://127.0.0.1.example",
		"http://localhost.example", "http://10.0.0.1", "http://[::2]", "https://a.example:", "https://a.example:x", "https://a.example:65536",
		"https://a.example?", "https://a.example/#x", "https://u@a.example", "file:///etc/passwd", "https://a b", "https://:443"} {
		if err := checkSecureURL(bad); err == nil {
			t.Errorf("checkSecureURL(%q) accepted it", bad)
		}
	}
}
