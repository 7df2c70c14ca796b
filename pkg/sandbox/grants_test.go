package sandbox

import "testing"

// Two who bring one refresh token at the same time do not both get the next (RFC 9700 §4.14.2).
func TestRefreshTokenIsTakenAtOnce(t *testing.T) {
	t.Parallel()
	var book grantBook
	f := &family{signIn: signIn{clientID: "app"}}
	token := book.rotate(f)
	if _, fault := book.renew(token, "app", false); fault != "" {
		t.Fatalf("the first: %s", fault)
	}
	if _, fault := book.renew(token, "app", false); fault == "" || !f.revoked {
		t.Errorf("the second: fault %q, revoked %t", fault, f.revoked)
	}
	if _, fault := book.renew(book.rotate(f), "app", false); fault == "" {
		t.Error("what the first got is good in spite of the second")
	}
}
