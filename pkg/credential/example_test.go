package credential_test

import (
	"os"
	"time"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/secret"
)

func example() credential.Credential {
	return credential.Credential{
		AccessKeyID:     "ASIAEXAMPLE",
		SecretAccessKey: secret.New("wJalrEXAMPLE"),
		SessionToken:    secret.New("IQoJEXAMPLE=="),
		Issued:          time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC),
		Expiration:      time.Date(2026, 3, 4, 13, 0, 0, 0, time.UTC),
		Principal:       credential.Principal{ARN: "arn:aws:sts::111122223333:assumed-role/PhotoUploader/alice"},
	}
}

// The document that an AWS SDK reads from its credential_process.
func ExampleCredential_WriteProcess() {
	if err := example().WriteProcess(os.Stdout); err != nil {
		panic(err)
	}
	// Output:
	// {
	//   "Version": 1,
	//   "AccessKeyId": "ASIAEXAMPLE",
	//   "SecretAccessKey": "wJalrEXAMPLE",
	//   "SessionToken": "IQoJEXAMPLE==",
	//   "Expiration": "2026-03-04T13:00:00Z",
	//   "AccountId": "111122223333"
	// }
}

// Statements for a shell.
func ExampleShell_Write() {
	environment := credential.NewEnvironment(example(), credential.Place{Region: "us-east-1"})
	if err := credential.Sh.Write(os.Stdout, environment); err != nil {
		panic(err)
	}
	// Output:
	// unset AWS_SECURITY_TOKEN AWS_PROFILE AWS_DEFAULT_PROFILE AWS_CONTAINER_CREDENTIALS_RELATIVE_URI AWS_CONTAINER_CREDENTIALS_FULL_URI AWS_CONTAINER_AUTHORIZATION_TOKEN AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE AWS_WEB_IDENTITY_TOKEN_FILE AWS_ROLE_ARN;
	// export AWS_ACCESS_KEY_ID='ASIAEXAMPLE';
	// export AWS_SECRET_ACCESS_KEY='wJalrEXAMPLE';
	// export AWS_SESSION_TOKEN='IQoJEXAMPLE==';
	// export AWS_CREDENTIAL_EXPIRATION='2026-03-04T13:00:00Z';
	// export AWS_REGION='us-east-1';
	// export AWS_DEFAULT_REGION='us-east-1';
	// export AWS_EC2_METADATA_DISABLED='true';
}

// The document that an AWS SDK reads from a container credentials endpoint.
func ExampleCredential_WriteContainer() {
	if err := example().WriteContainer(os.Stdout); err != nil {
		panic(err)
	}
	// Output:
	// {
	//   "AccessKeyId": "ASIAEXAMPLE",
	//   "SecretAccessKey": "wJalrEXAMPLE",
	//   "Token": "IQoJEXAMPLE==",
	//   "Expiration": "2026-03-04T13:00:00Z",
	//   "AccountId": "111122223333"
	// }
}
