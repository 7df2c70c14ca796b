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

// STS exchanges a proof for a role's credential through AssumeRoleWithWebIdentity (API of 2011-06-15).
type STS struct {
	RoleARN string
	// SessionName is the template of RoleSessionName; the zero Template means {email}, or {sub} without an email claim.
	// The result is made legal.
	SessionName identity.Template
	// Duration is in whole seconds; 0 means the service's default.
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
	requested := s.now()
	response, err := sts.NewFromConfig(s.config(aws.AnonymousCredentials{})).AssumeRoleWithWebIdentity(ctx, s.input(name, p))
	if err != nil {
		return credential.Credential{}, attempt.answered(ctx, err, p.Value, s.now())
	}
	c, err := s.credential(requested, response)
	if err != nil {
		return credential.Credential{}, attempt.because(err)
	}
	return c, nil
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

func (s *STS) credential(requested time.Time, response *sts.AssumeRoleWithWebIdentityOutput) (credential.Credential, error) {
	keys := response.Credentials
	if keys == nil {
		return credential.Credential{}, errNoKeys
	}
	c := credential.Credential{
		AccessKeyID:     aws.ToString(keys.AccessKeyId),
		SecretAccessKey: secret.New(aws.ToString(keys.SecretAccessKey)),
		SessionToken:    secret.New(aws.ToString(keys.SessionToken)),
		Issued:          requested.UTC(),
		Expiration:      s.localTime(aws.ToTime(keys.Expiration), response.ResultMetadata),
		Subject:         aws.ToString(response.SubjectFromWebIdentityToken),
		Audience:        aws.ToString(response.Audience),
		Provider:        aws.ToString(response.Provider),
		SourceIdentity:  aws.ToString(response.SourceIdentity),
	}
	if user := response.AssumedRoleUser; user != nil {
		c.Principal = credential.Principal{ARN: aws.ToString(user.Arn), UserID: aws.ToString(user.AssumedRoleId)}
	}
	return c, usable(c, s.now())
}

// usable returns an error for a credential that AWS would not accept.
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
	errNoToken = errors.New("there is no token")
	errNoKeys  = errors.New("the response contains no keys")
	errExpired = errors.New("the keys in the response have already expired")
)
