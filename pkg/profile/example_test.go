package profile_test

import (
	"fmt"

	"github.com/daypass/daypass/pkg/profile"
)

func ExampleLoad() {
	p, err := profile.Load(profile.Source{
		Getenv: func(name string) string {
			return map[string]string{"AWS_REGION": "eu-central-1"}[name]
		},
		Flags: map[string][]string{
			"login.issuer":    {"https://idp.example.com"},
			"login.client_id": {"daypass"},
			"role.arn":        {"arn:aws:iam::111122223333:role/PhotoUploader"},
		},
	})
	fmt.Println(p.Role.ARN, err)
	fmt.Println(p.Region, "from", p.Origin("region"))
	// Output:
	// arn:aws:iam::111122223333:role/PhotoUploader <nil>
	// eu-central-1 from AWS_REGION
}

func ExampleLoad_refused() {
	_, err := profile.Load(profile.Source{Flags: map[string][]string{
		"login.issuer":    {"http://idp.example.com"},
		"login.client_id": {"daypass"},
		"role.arn":        {"arn:aws:iam::123:role/PhotoUploader"},
		"region":          {"us-east-1"},
	}})
	fmt.Println(err)
	// Output:
	// --issuer: "http://idp.example.com" must be https: http is only for loopback addresses and localhost
	// --role-arn: "arn:aws:iam::123:role/PhotoUploader" is not the ARN of a role: the account is "123", not 12 digits
}
