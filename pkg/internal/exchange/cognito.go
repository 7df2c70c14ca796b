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

// Cognito exchanges a proof for the credential of an identity in a pool, by the enhanced flow: GetId, then
// GetCredentialsForIdentity (API of 2014-06-30).
type Cognito struct {
	IdentityPoolID string // REGION:UUID; requests go to that region
	AWS
	// IdentityIDs caches identity IDs, because GetId has the lowest quota; nil caches none. A guest's identity ID is all
	// that is needed to get the guest's credentials, so it must be stored as a secret.
	IdentityIDs IdentityIDs
}

// IdentityIDs stores which identity a person is in a pool. Get returns nil when there is none.
type IdentityIDs interface {
	Get(ctx context.Context, key string) ([]byte, error)
	Put(ctx context.Context, key string, value []byte, until time.Time) error
}

// Exchange returns the identity's credential for the proof, or a guest's for a proof of kind ProofNone. Its errors are
// *Error; an error about an expired token wraps identity.ErrTokenRejected.
func (c *Cognito) Exchange(ctx context.Context, p identity.Proof) (credential.Credential, error) {
	x := &poolExchange{Cognito: c, client: c.cognito(), proof: p}
	if err := x.check(); err != nil {
		return credential.Credential{}, err
	}
	if id := x.cached(ctx); id != "" {
		c, err := x.credentials(ctx, id)
		if !identityGone(err) {
			return c, err
		}
	}
	id, err := x.identityID(ctx)
	if err != nil {
		return credential.Credential{}, err
	}
	return x.credentials(ctx, id)
}

// check refuses a proof that no pool accepts.
func (x *poolExchange) check() error {
	switch {
	case x.guest():
		return nil
	case x.proof.Value.IsZero():
		return x.failed(requestingID).because(errNoToken)
	case x.proof.ProviderName == "":
		return x.failed(requestingID).because(errNoLoginsKey)
	}
	return nil
}

var errNoLoginsKey = errors.New("the token names no issuer")

func (c *Cognito) cognito() *cognitoidentity.Client {
	config := c.config(aws.AnonymousCredentials{})
	config.Region = c.region()
	return cognitoidentity.NewFromConfig(config)
}

// region returns the pool's region: a pool exists in one region only.
func (c *Cognito) region() string {
	if region, _, ok := strings.Cut(c.IdentityPoolID, ":"); ok {
		return region
	}
	return c.Region
}

// The values of Error.Step.
const (
	requestingID          = "requesting an identity ID"
	requestingCredentials = "requesting an identity's credentials"
)

// poolExchange is one Exchange in progress.
type poolExchange struct {
	*Cognito
	client *cognitoidentity.Client
	proof  identity.Proof
}

func (x *poolExchange) guest() bool { return x.proof.Kind == identity.ProofNone }

func (x *poolExchange) failed(step string) Error {
	return Error{Step: step, IdentityPoolID: x.IdentityPoolID, Region: x.region(), Claims: x.proof.Claims}
}

// logins returns nil for a guest: Cognito treats even an empty map as a login.
func (x *poolExchange) logins() map[string]string {
	if x.guest() {
		return nil
	}
	return map[string]string{x.proof.ProviderName: x.proof.Value.Reveal()}
}

func (x *poolExchange) identityID(ctx context.Context) (string, error) {
	response, err := x.client.GetId(ctx, &cognitoidentity.GetIdInput{
		IdentityPoolId: aws.String(x.IdentityPoolID), Logins: x.logins(),
	})
	if err != nil {
		return "", x.failed(requestingID).answered(ctx, err, x.proof.Value, x.now())
	}
	id := aws.ToString(response.IdentityId)
	if !legalIdentityID(id) {
		return "", x.failed(requestingID).because(errors.New("the response contains no identity ID"))
	}
	x.cache(ctx, id)
	return id, nil
}

func (x *poolExchange) credentials(ctx context.Context, id string) (credential.Credential, error) {
	requested := x.now()
	response, err := x.client.GetCredentialsForIdentity(ctx, &cognitoidentity.GetCredentialsForIdentityInput{
		IdentityId: aws.String(id), Logins: x.logins(),
	})
	if err != nil {
		return credential.Credential{}, x.failed(requestingCredentials).answered(ctx, err, x.proof.Value, x.now())
	}
	c, err := x.credential(requested, response)
	if err != nil {
		return credential.Credential{}, x.failed(requestingCredentials).because(err)
	}
	// If two identities were merged, the response names the remaining one.
	x.cache(ctx, c.IdentityID)
	return c, nil
}

// credential leaves the subject, audience and provider empty: Cognito does not return them.
func (x *poolExchange) credential(requested time.Time, response *cognitoidentity.GetCredentialsForIdentityOutput) (credential.Credential, error) {
	keys, id := response.Credentials, aws.ToString(response.IdentityId)
	if keys == nil || !legalIdentityID(id) {
		return credential.Credential{}, errNoKeys
	}
	c := credential.Credential{
		AccessKeyID:     aws.ToString(keys.AccessKeyId),
		SecretAccessKey: secret.New(aws.ToString(keys.SecretKey)),
		SessionToken:    secret.New(aws.ToString(keys.SessionToken)),
		Issued:          requested.UTC(),
		Expiration:      x.localTime(aws.ToTime(keys.Expiration), response.ResultMetadata),
		IdentityID:      id,
	}
	return c, usable(c, x.now())
}

// cacheKey returns the key of this person's identity ID, or "" if it is not cached: without a subject there is no key.
func (x *poolExchange) cacheKey() string {
	if x.IdentityIDs == nil || x.proof.Claims.Subject == "" && !x.guest() {
		return ""
	}
	parts := []string{x.IdentityPoolID, x.Endpoint, x.proof.Claims.Issuer, x.proof.Claims.Subject}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return "identity-id/" + hex.EncodeToString(sum[:16])
}

// cached returns "" if there is no entry. It ignores errors, as cache does: a missing entry costs one request.
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
	if x.guest() { // without its ID, a guest's identity and its files cannot be reached again
		until = time.Time{}
	}
	if name := x.cacheKey(); name != "" {
		_ = x.IdentityIDs.Put(ctx, name, []byte(id), until)
	}
}

// legalIdentityID checks the form of the API model: REGION:UUID, at most 55 characters.
func legalIdentityID(id string) bool {
	region, uuid, ok := strings.Cut(id, ":")
	return ok && len(id) <= 55 && region != "" && uuid != "" && strings.Trim(uuid, "0123456789abcdef-") == "" &&
		strings.Map(legalRune, region) == region
}

// identityGone reports whether AWS says that the cached identity ID belongs to another user or does not exist.
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
