package profile

import (
	"strings"
	"testing"
)

func TestEndpoints(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name       string
		file       string // more lines of the profile
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
		"AWS_ENDPOINT_URL_STS":       {"http://sts.example", `AWS_ENDPOINT_URL_STS: "http://sts.example" must be https: http is only for loopback addresses and localhost`},
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
