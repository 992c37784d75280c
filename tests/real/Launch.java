import java.io.IOException;
import java.util.Arrays;

/**
 * Starts a program of Gerrit without its war: java -cp JARS Launch Daemon -d SITE …
 *
 * <p>A Daemon ends with its starter: when standard input closes, so does the server, however the tests died.
 */
public class Launch {
  public static void main(String[] args) throws Exception {
    if (args[0].equals("Daemon")) {
      Thread watch = new Thread(Launch::exitAtEndOfInput);
      watch.setDaemon(true);
      watch.start();
    }
    Class<?> program = Class.forName("com.google.gerrit.pgm." + args[0]);
    Object instance = program.getDeclaredConstructor().newInstance();
    String[] rest = Arrays.copyOfRange(args, 1, args.length);
    Object code = program.getMethod("main", String[].class).invoke(instance, (Object) rest);
    System.exit((Integer) code);
  }

  private static void exitAtEndOfInput() {
    try {
      while (System.in.read() >= 0) {}
    } catch (IOException gone) {
      // the same as the end
    }
    System.exit(1);
  }
}
