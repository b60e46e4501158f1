// mockpos exec --audit error -- java CheckoutTest.java
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

public class CheckoutTest {
    static class Refused extends RuntimeException {
        Refused(String body) { super(body); }
    }

    /** What a shop does at the checkout: hold, then invoice; release when there will be no order. */
    record Checkout(String url, String key) {
        static final HttpClient HTTP = HttpClient.newHttpClient();

        String buy(String remoteId, int quantity, String globalId, String orderId) throws InterruptedException {
            hold(remoteId, quantity, globalId);
            try {
                return call("POST", "/v1/invoices", """
                    {"global_id": "%s", "order_id": "%s"}""".formatted(globalId, orderId));
            } catch (Refused refused) {
                release(globalId); // no order: the tickets must not stay held
                throw refused;
            }
        }

        String hold(String remoteId, int quantity, String globalId) throws InterruptedException {
            return call("POST", "/v1/holds", """
                {"remote_id": "%s", "quantity": %d, "global_id": "%s"}""".formatted(remoteId, quantity, globalId));
        }

        String release(String globalId) throws InterruptedException {
            return call("DELETE", "/v1/holds/" + globalId, "");
        }

        /** One call until its outcome is known: again, with the same ids, after a lost answer and where it says retryable. */
        String call(String method, String path, String body) throws InterruptedException {
            for (int attempt = 0; attempt < 5; attempt++) {
                HttpResponse<String> answer;
                try {
                    answer = send(url + path, key, method, body);
                } catch (IOException lost) {
                    continue;
                }
                if (answer.statusCode() < 300) return answer.body();
                if (!answer.body().contains("\"retryable\":true")) throw new Refused(answer.body());
                Thread.sleep(1000 * Math.min(1, answer.headers().firstValueAsLong("Retry-After").orElse(0)));
            }
            throw new IllegalStateException("nobody knows what became of " + path);
        }
    }

    static HttpResponse<String> send(String url, String key, String method, String body)
            throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(5))
            .header("X-API-Key", key).header("Content-Type", "application/json")
            .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body)).build();
        return Checkout.HTTP.send(request, BodyHandlers.ofString());
    }

    /** Each test has a key of its own: its first call makes a sandbox, a whole world that no other test sees. */
    static class World {
        final String key = "test-" + UUID.randomUUID();
        final Checkout checkout = new Checkout(System.getenv("MOCKPOS_URL"), key);

        String mockpos(String method, String path, String body) throws Exception {
            return send(System.getenv("MOCKPOS_CONTROL_URL") + path, key, method, body).body();
        }

        void misbehave(String rule) throws Exception {
            mockpos("PUT", "/scenario", """
                {"scenario": {"name": "bad-day", "rules": [{"id": "once", "times": 1, %s}]}}""".formatted(rule));
        }
    }

    interface Test { void run(World world) throws Exception; }

    static void contains(String text, String wanted) {
        if (!text.contains(wanted)) throw new AssertionError(wanted + " is not in " + text);
    }

    static void refused(String code, Test call, World world) throws Exception {
        try {
            call.run(world);
        } catch (Refused refused) {
            contains(refused.getMessage(), "\"code\":\"" + code + "\"");
            return;
        }
        throw new AssertionError("it was not refused");
    }

    static final Map<String, Test> TESTS = new LinkedHashMap<>();

    static {
        TESTS.put("it buys two tickets", world ->
            contains(world.checkout.buy("TG-1042", 2, "g-1", "o-1"), "\"seats\":[\"5\",\"6\"]"));
        TESTS.put("it does not repeat a refusal that is final", world -> {
            refused("listing_sold_out", it -> it.checkout.buy("MOCK-LISTING_SOLD_OUT", 2, "g-1", "o-1"), world);
            contains(world.mockpos("GET", "/requests", ""), "\"matched\":1,");
        });
        TESTS.put("it asks a busy automator again", world -> {
            world.misbehave("\"on\": \"hold\", \"respond\": \"pos_unavailable\"");
            contains(world.checkout.buy("TG-1042", 2, "g-1", "o-1"), "\"status\":\"invoiced\"");
            contains(world.mockpos("GET", "/requests", ""), "\"matched\":3,");
        });
        TESTS.put("it repeats a hold whose answer was lost, with the same Global ID", world -> {
            world.misbehave("\"on\": \"hold\", \"fault\": \"reset\", \"phase\": \"after_commit\"");
            contains(world.checkout.hold("TG-1042", 2, "g-1"), "\"replayed\":true");
            world.checkout.release("g-1");
        });
        TESTS.put("it releases the tickets when the invoice is refused", world -> {
            world.misbehave("\"on\": \"invoice\", \"respond\": \"invoice_rejected\"");
            refused("invoice_rejected", it -> it.checkout.buy("TG-1042", 2, "g-1", "o-1"), world);
            contains(world.mockpos("GET", "/holds/g-1", ""), "\"status\":\"released\"");
        });
    }

    public static void main(String[] arguments) {
        int failed = 0;
        for (var test : TESTS.entrySet()) {
            var world = new World();
            try {
                test.getValue().run(world);
                contains(world.mockpos("GET", "/audit", ""), "\"findings\":[]");
                System.out.println("ok   " + test.getKey());
            } catch (Throwable error) {
                failed++;
                System.out.println("FAIL " + test.getKey() + ": " + error);
            }
        }
        System.exit(failed > 0 ? 1 : 0);
    }
}
