package exchange

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentity"

	"github.com/daypass/daypass/pkg/credential"
	"github.com/daypass/daypass/pkg/identity"
	"github.com/daypass/daypass/pkg/secret"
)

// identityIDLife is how long an identity ID is cached after its last use.
const identityIDLife = 24 * time.Hour

// Cognito becomes what an identity pool gives, by the enhanced flow: GetId, then
// GetCredentialsForIdentity (API of 2014-06-30).
type Cognito struct {
	IdentityPoolID string // REGION:UUID; its region is where it is asked
	AWS
	// IdentityIDs caches identity IDs, because GetId has the tightest quota of all; nil caches none. Whoever has a
	// guest's identity ID is that guest: for guests it must keep them secret.
	IdentityIDs IdentityIDs
}

// IdentityIDs stores which identity a person is in a pool. Get returns nil when there is none.
type IdentityIDs interface {
	Get(ctx context.Context, key string) ([]byte, error)
	Put(ctx context.Context, key string, value []byte, until time.Time) error
}

// Exchange returns the identity's credential for the proof; without proof, that of a guest. Its errors are *Error;
// an error about an expired token wraps identity.ErrTokenRejected.
func (c *Cognito) Exchange(ctx context.Context, p identity.Proof) (credential.Credential, error) {
	x := &poolExchange{Cognito: c, client: c.cognito(), proof: p}
	if err := x.check(); err != nil {
		return credential.Credential{}, err
	}
	if id := x.cached(ctx); id != "" {
		given, err := x.credentials(ctx, id)
		if !identityGone(err) {
			return given, err
		}
	}
	id, err := x.identityID(ctx)
	if err != nil {
		return credential.Credential{}, err
	}
	return x.credentials(ctx, id)
}

// check refuses what no pool would take.
func (x *poolExchange) check() error {
	switch {
	case x.guest():
		return nil
	case x.proof.Value.IsZero():
		return x.attempt(askingID).because(errNoToken)
	case x.proof.ProviderName == "":
		return x.attempt(askingID).because(errNoLoginsKey)
	}
	return nil
}

var errNoLoginsKey = errors.New("the token names no issuer")

func (c *Cognito) cognito() *cognitoidentity.Client {
	config := c.config(aws.AnonymousCredentials{})
	config.Region = c.region()
	return cognitoidentity.NewFromConfig(config)
}

// region is the pool's own: no other has it.
func (c *Cognito) region() string {
	if region, _, ok := strings.Cut(c.IdentityPoolID, ":"); ok {
		return region
	}
	return c.Region
}

// The steps, as errors tell them.
const (
	askingID          = "asking for an identity ID"
	askingCredentials = "asking for an identity's credentials"
)

// poolExchange is one Exchange in progress.
type poolExchange struct {
	*Cognito
	client *cognitoidentity.Client
	proof  identity.Proof
}

func (x *poolExchange) guest() bool { return x.proof.Kind == identity.ProofNone }

func (x *poolExchange) attempt(step string) Error {
	return Error{Step: step, IdentityPoolID: x.IdentityPoolID, Region: x.region(), Claims: x.proof.Claims}
}

// logins is nil for a guest: a pool takes even an empty map for a login.
func (x *poolExchange) logins() map[string]string {
	if x.guest() {
		return nil
	}
	return map[string]string{x.proof.ProviderName: x.proof.Value.Reveal()}
}

func (x *poolExchange) identityID(ctx context.Context) (string, error) {
	answer, err := x.client.GetId(ctx, &cognitoidentity.GetIdInput{
		IdentityPoolId: aws.String(x.IdentityPoolID), Logins: x.logins(),
	})
	if err != nil {
		return "", x.attempt(askingID).answered(ctx, err, x.proof.Value, x.now())
	}
	id := aws.ToString(answer.IdentityId)
	if !legalIdentityID(id) {
		return "", x.attempt(askingID).because(errors.New("the answer has no identity ID in it"))
	}
	x.cache(ctx, id)
	return id, nil
}

func (x *poolExchange) credentials(ctx context.Context, id string) (credential.Credential, error) {
	asked := x.now()
	answer, err := x.client.GetCredentialsForIdentity(ctx, &cognitoidentity.GetCredentialsForIdentityInput{
		IdentityId: aws.String(id), Logins: x.logins(),
	})
	if err != nil {
		return credential.Credential{}, x.attempt(askingCredentials).answered(ctx, err, x.proof.Value, x.now())
	}
	given, err := x.credential(asked, answer)
	if err != nil {
		return credential.Credential{}, x.attempt(askingCredentials).because(err)
	}
	// If two identities were merged, the answer names the remaining one.
	x.cache(ctx, given.IdentityID)
	return given, nil
}

// credential leaves the subject, audience and provider empty: STS tells those to Cognito, not to us.
func (x *poolExchange) credential(asked time.Time, answer *cognitoidentity.GetCredentialsForIdentityOutput) (credential.Credential, error) {
	keys, id := answer.Credentials, aws.ToString(answer.IdentityId)
	if keys == nil || !legalIdentityID(id) {
		return credential.Credential{}, errNoKeys
	}
	c := credential.Credential{
		AccessKeyID:     aws.ToString(keys.AccessKeyId),
		SecretAccessKey: secret.New(aws.ToString(keys.SecretKey)),
		SessionToken:    secret.New(aws.ToString(keys.SessionToken)),
		Issued:          asked.UTC(),
		Expiration:      x.localTime(aws.ToTime(keys.Expiration), answer.ResultMetadata),
		IdentityID:      id,
	}
	return c, usable(c, x.now())
}

// cacheKey names this person's identity ID; it is "" for one who has no subject.
func (x *poolExchange) cacheKey() string {
	if x.IdentityIDs == nil || x.proof.Claims.Subject == "" && !x.guest() {
		return ""
	}
	parts := []string{x.IdentityPoolID, x.Endpoint, x.proof.Claims.Issuer, x.proof.Claims.Subject}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return "identity-id/" + hex.EncodeToString(sum[:16])
}

// cached ignores errors, as cache does: a missing entry costs one more request.
func (x *poolExchange) cached(ctx context.Context) string {
	name := x.cacheKey()
	if name == "" {
		return ""
	}
	id, err := x.IdentityIDs.Get(ctx, name)
	if err != nil || !legalIdentityID(string(id)) {
		return ""
	}
	return string(id)
}

func (x *poolExchange) cache(ctx context.Context, id string) {
	until := x.now().Add(identityIDLife)
	if x.guest() { // there is no other way back to what is under this identity
		until = time.Time{}
	}
	if name := x.cacheKey(); name != "" {
		_ = x.IdentityIDs.Put(ctx, name, []byte(id), until)
	}
}

// legalIdentityID is the shape of the API model: REGION:UUID, at most 55 characters.
func legalIdentityID(id string) bool {
	region, uuid, ok := strings.Cut(id, ":")
	return ok && len(id) <= 55 && region != "" && uuid != "" && strings.Trim(uuid, "0123456789abcdef-") == "" &&
		strings.Map(legalRune, region) == region
}

// identityGone reports whether AWS says that the cached identity ID is somebody else's, or does not exist any more.
func identityGone(err error) bool {
	refused, ok := errors.AsType[*Error](err)
	if !ok {
		return false
	}
	switch refused.Code {
	case "ResourceNotFoundException":
		return true
	case "NotAuthorizedException":
		return strings.Contains(refused.Message, "Logins don't match") ||
			strings.Contains(refused.Message, "Access to Identity")
	}
	return false
}
