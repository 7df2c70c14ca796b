package profile

import (
	"strings"
	"testing"
)

func TestPartitions(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{
		"us-east-1": "aws", "ap-southeast-7": "aws", "mx-central-1": "aws", "aws-global": "aws",
		"cn-north-1": "aws-cn", "aws-cn-global": "aws-cn", "us-gov-west-1": "aws-us-gov", "aws-us-gov-global": "aws-us-gov",
		"eusc-de-east-1": "aws-eusc", "us-iso-west-1": "aws-iso", "us-isob-east-1": "aws-iso-b", "aws-iso-b-global": "aws-iso-b",
		"eu-isoe-west-1": "aws-iso-e", "us-isof-south-1": "aws-iso-f",
		"": "", "moon-base-1": "", "us-new-east-1": "", "us-east": "", "minio": "", "aws-new-global": "",
	} {
		if got := partitionOfRegion(region); got != want {
			t.Errorf("partitionOfRegion(%q) = %q, want %q", region, got, want)
		}
	}
}

// AWS would report the mistake only after the sign-in, when the token has been sent to another partition.
func TestPartitionsThatDiffer(t *testing.T) {
	t.Parallel()
	const login = "[profile.p]\nlogin = { issuer = 'https://idp.example.com', client_id = 'c' }\n"
	const pool = login + "identity_pool.id = 'us-gov-west-1:11111111-2222-3333-4444-555555555555'\n"
	role := func(partition, region string) string {
		return login + "region = '" + region + "'\nrole.arn = 'arn:" + partition + ":iam::111122223333:role/rr'\n"
	}
	for _, tt := range []struct {
		name, file string
		env        map[string]string
		want       string // "" where it passes
	}{
		{"gov role", role("aws-us-gov", "us-east-1"), nil, `config.toml:3:1: region: "us-east-1" is in partition aws, but the role is in aws-us-gov`},
		{"cn role", role("aws-cn", "us-east-1"), nil, `config.toml:3:1: region: "us-east-1" is in partition aws, but the role is in aws-cn`},
		{"eusc region", role("aws", "eusc-de-east-1"), nil, `config.toml:3:1: region: "eusc-de-east-1" is in partition aws-eusc, but the role is in aws`},
		{"iso region", role("aws-iso-b", "us-iso-east-1"), nil, `config.toml:3:1: region: "us-iso-east-1" is in partition aws-iso, but the role is in aws-iso-b`},
		{"AWS_REGION", login + "role.arn = 'arn:aws:iam::111122223333:role/rr'\n", map[string]string{"AWS_REGION": "cn-north-1"},
			`AWS_REGION: "cn-north-1" is in partition aws-cn, but the role is in aws`},
		{"policy", role("aws-cn", "cn-north-1") + "role.policy_arns = ['arn:aws-cn:iam::aws:policy/A', 'arn:aws:iam::aws:policy/B']\n", nil,
			`config.toml:5:6: role.policy_arns: "arn:aws:iam::aws:policy/B" is in partition aws, but the role is in aws-cn`},
		{"pool", pool + "region = 'us-east-1'\n", nil, `config.toml:4:1: region: "us-east-1" is in partition aws, but the identity pool is in aws-us-gov`},

		{"the same", role("aws-us-gov", "us-gov-west-1"), nil, ""},
		{"a partition as a whole", role("aws-cn", "aws-cn-global"), nil, ""},
		{"a pool in another region", pool + "region = 'us-gov-east-1'\n", nil, ""},
		{"unknown region", role("aws-cn", "moon-base-1"), nil, ""},
		{"unknown partition", role("aws-moon", "us-east-1"), nil, ""},
		{"MinIO's role", role("minio", "us-east-1"), nil, ""},
		{"custom STS", role("aws-cn", "us-east-1") + "endpoints.sts = 'https://sts.example.com'\n", nil, ""},
		{"AWS_ENDPOINT_URL", role("aws-cn", "us-east-1"), map[string]string{"AWS_ENDPOINT_URL": "https://aws.example.com"}, ""},
		{"custom Cognito", pool + "region = 'us-east-1'\nendpoints.cognito_identity = 'https://cognito.example.com'\n", nil, ""},
	} {
		s := source(t, tt.file, tt.env, nil)
		if tt.want == "" {
			load(t, s)
		} else if got := refusal(t, s); !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, got, tt.want)
		}
	}
}
