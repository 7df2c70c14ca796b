package profile

import (
	"strings"
	"testing"
)

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
