package exchange

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/secret"
)

// STS becomes a role through AssumeRoleWithWebIdentity (API of 2011-06-15).
type STS struct {
	RoleARN string
	// SessionName is the template of RoleSessionName; the zero Template is {email}, else {sub}. What it
	// gives is made legal.
	SessionName identity.Template
	// Duration is sent, in whole seconds, only when it is positive; else the service's default holds.
	Duration time.Duration
	// Policy and PolicyARNs are session policies: an IAM policy document, and managed policies.
	Policy     string
	PolicyARNs []string
	AWS
}

// Exchange returns the role's credential for the proof. Its errors are *Error; an error about an expired token
// wraps identity.ErrTokenRejected.
func (s *STS) Exchange(ctx context.Context, p identity.Proof) (credential.Credential, error) {
	name, err := sessionName(s.SessionName, p.Claims)
	attempt := Error{
		Step: "assuming role", RoleARN: s.RoleARN, SessionName: name, Duration: s.Duration,
		Region: s.Region, Claims: p.Claims,
	}
	if err != nil {
		return credential.Credential{}, attempt.because(err)
	}
	if p.Value.IsZero() {
		return credential.Credential{}, attempt.because(errNoToken)
	}
	asked := s.now()
	answer, err := sts.NewFromConfig(s.config(aws.AnonymousCredentials{})).AssumeRoleWithWebIdentity(ctx, s.input(name, p))
	if err != nil {
		return credential.Credential{}, attempt.answered(ctx, err, p.Value, s.now())
	}
	given, err := s.credential(asked, answer)
	if err != nil {
		return credential.Credential{}, attempt.because(err)
	}
	return given, nil
}

func (s *STS) input(name string, p identity.Proof) *sts.AssumeRoleWithWebIdentityInput {
	in := &sts.AssumeRoleWithWebIdentityInput{
		RoleArn:          aws.String(s.RoleARN),
		RoleSessionName:  aws.String(name),
		WebIdentityToken: aws.String(p.Value.Reveal()),
	}
	if s.Duration > 0 {
		in.DurationSeconds = aws.Int32(int32(s.Duration / time.Second))
	}
	if s.Policy != "" {
		in.Policy = aws.String(s.Policy)
	}
	for _, arn := range s.PolicyARNs {
		in.PolicyArns = append(in.PolicyArns, types.PolicyDescriptorType{Arn: aws.String(arn)})
	}
	if p.Kind == identity.ProofAccessToken { // of Facebook or Login with Amazon
		in.ProviderId = aws.String(p.ProviderName)
	}
	return in
}

func (s *STS) credential(asked time.Time, answer *sts.AssumeRoleWithWebIdentityOutput) (credential.Credential, error) {
	keys := answer.Credentials
	if keys == nil {
		return credential.Credential{}, errNoKeys
	}
	c := credential.Credential{
		AccessKeyID:     aws.ToString(keys.AccessKeyId),
		SecretAccessKey: secret.New(aws.ToString(keys.SecretAccessKey)),
		SessionToken:    secret.New(aws.ToString(keys.SessionToken)),
		Issued:          asked.UTC(),
		Expiration:      s.localTime(aws.ToTime(keys.Expiration), answer.ResultMetadata),
		Subject:         aws.ToString(answer.SubjectFromWebIdentityToken),
		Audience:        aws.ToString(answer.Audience),
		Provider:        aws.ToString(answer.Provider),
		SourceIdentity:  aws.ToString(answer.SourceIdentity),
	}
	if user := answer.AssumedRoleUser; user != nil {
		c.Principal = credential.Principal{ARN: aws.ToString(user.Arn), UserID: aws.ToString(user.AssumedRoleId)}
	}
	return c, usable(c, s.now())
}

// usable refuses what would only fail later, in the hands of whoever asked for it.
func usable(c credential.Credential, now time.Time) error {
	switch {
	case c.AccessKeyID == "" || c.SecretAccessKey.IsZero() || c.SessionToken.IsZero():
		return errNoKeys
	case !c.Expiration.After(now):
		return errExpired
	}
	return nil
}

var (
	errNoToken = errors.New("there is no token to show")
	errNoKeys  = errors.New("the answer has no keys in it")
	errExpired = errors.New("the answer's keys have expired already")
)
